#include "apps/viewer/window.h"

#include <SDL.h>
#include <backends/imgui_impl_sdl.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "apps/viewer/draw.h"
#include "configs/error.h"

namespace wane::viewer {
namespace {

constexpr int kFiner = 2;  // a picture off the screen is drawn so many times as large: SDL's own drawing has hard edges
constexpr float kStandardDots = 96;  // per inch, of a screen of ordinary density
constexpr const char* kNoWindow = "no window can be opened here (over ssh: --terminal, or wane record)";

[[noreturn]] void fail(const std::string& what) { throw Error(what + ": " + SDL_GetError()); }

Image read(SDL_Renderer* renderer) {
  int w = 0, h = 0;
  SDL_GetRendererOutputSize(renderer, &w, &h);
  Image image{w, h, std::vector<std::uint8_t>(std::size_t(w) * std::size_t(h) * 3)};
  if (SDL_RenderReadPixels(renderer, nullptr, SDL_PIXELFORMAT_RGB24, image.rgb.data(), 3 * w))
    fail("reading the picture");
  return image;
}

/// Means of kFiner x kFiner pixels.
Image coarser(const Image& fine) {
  Image image{fine.width / kFiner, fine.height / kFiner, {}};
  image.rgb.resize(std::size_t(image.width) * std::size_t(image.height) * 3);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    const std::size_t x = i / 3 % std::size_t(image.width), y = i / 3 / std::size_t(image.width);
    int sum = 0;
    for (std::size_t k = 0; k < kFiner * kFiner; ++k)
      sum += fine.rgb[3 * ((y * kFiner + k / kFiner) * std::size_t(fine.width) + x * kFiner + k % kFiner) + i % 3];
    image.rgb[i] = std::uint8_t((sum + kFiner * kFiner / 2) / (kFiner * kFiner));
  }
  return image;
}

std::string name_of(const SDL_KeyboardEvent& key) {
  static constexpr struct {
    SDL_Keycode code;
    const char* name;
  } kNames[] = {{SDLK_SPACE, "Space"},   {SDLK_RIGHT, "Right"},   {SDLK_LEFT, "Left"},  {SDLK_HOME, "Home"},
                {SDLK_END, "End"},       {SDLK_DELETE, "Delete"}, {SDLK_TAB, "Tab"},    {SDLK_BACKSPACE, "Backspace"},
                {SDLK_ESCAPE, "Escape"}, {SDLK_F1, "F1"},         {SDLK_PLUS, "+"},     {SDLK_EQUALS, "+"},
                {SDLK_MINUS, "-"},       {SDLK_KP_PLUS, "+"},     {SDLK_KP_MINUS, "-"}, {SDLK_UP, "Up"},
                {SDLK_DOWN, "Down"}};
  const std::string shift = key.keysym.mod & KMOD_SHIFT ? "Shift+" : "";
  for (const auto& [code, name] : kNames)
    if (key.keysym.sym == code) return (std::strlen(name) > 1 ? shift : "") + name;
  return key.keysym.sym >= 0x20 && key.keysym.sym < 0x7F ? std::string(1, char(key.keysym.sym)) : "";
}

/// The letters' pictures, on the renderer. (Debian's ImGui comes without its backend for SDL_Renderer.)
SDL_Texture* font_texture(SDL_Renderer* renderer) {
  unsigned char* pixels = nullptr;
  int w = 0, h = 0;
  ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
  SDL_Texture* const texture = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_ABGR8888, SDL_TEXTUREACCESS_STATIC, w, h);
  if (!texture || SDL_UpdateTexture(texture, nullptr, pixels, 4 * w)) fail("the letters' pictures");
  SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_BLEND);
  SDL_SetTextureScaleMode(texture, SDL_ScaleModeLinear);
  ImGui::GetIO().Fonts->SetTexID(texture);
  ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;  // lists of over 65,536 corners
  return texture;
}

void draw_command(SDL_Renderer* renderer, const ImDrawList& list, const ImDrawCmd& command) {
  const SDL_Rect clip{int(command.ClipRect.x), int(command.ClipRect.y), int(command.ClipRect.z - command.ClipRect.x),
                      int(command.ClipRect.w - command.ClipRect.y)};
  if (clip.w <= 0 || clip.h <= 0) return;
  SDL_RenderSetClipRect(renderer, &clip);
  const ImDrawVert* const from = list.VtxBuffer.Data + command.VtxOffset;
  SDL_RenderGeometryRaw(renderer, static_cast<SDL_Texture*>(command.TextureId), &from->pos.x, sizeof *from,
                        reinterpret_cast<const SDL_Color*>(&from->col), sizeof *from, &from->uv.x, sizeof *from,
                        list.VtxBuffer.Size - int(command.VtxOffset), list.IdxBuffer.Data + command.IdxOffset,
                        int(command.ElemCount), sizeof(ImDrawIdx));
}

void finish(SDL_Renderer* renderer) {
  ImGui::Render();
  SDL_RenderSetClipRect(renderer, nullptr);
  SDL_SetRenderDrawColor(renderer, 0, 0, 0, 255);
  SDL_RenderClear(renderer);
  const ImDrawData& data = *ImGui::GetDrawData();
  for (int i = 0; i < data.CmdListsCount; ++i) {
    for (const ImDrawCmd& command : data.CmdLists[i]->CmdBuffer) draw_command(renderer, *data.CmdLists[i], command);
  }
  SDL_RenderSetClipRect(renderer, nullptr);
}

/// SDL's video and the name of its driver. SDL's last resort, a screen in memory, is no display.
const char* open_video() {
  if (SDL_Init(SDL_INIT_VIDEO)) fail(kNoWindow);
  const char* const driver = SDL_GetCurrentVideoDriver();
  if (std::getenv("SDL_VIDEODRIVER") || !driver || std::string_view(driver) != "offscreen") return driver;
  SDL_Quit();
  throw Error(std::string(kNoWindow) + ": there is no display");
}

}  // namespace

void need_display() {
  open_video();
  SDL_Quit();
}

struct Window::Inside {
  SDL_Window* window = nullptr;
  SDL_Renderer* renderer = nullptr;
  SDL_Texture* letters = nullptr;
  ImGuiContext* context = nullptr;
  float scale = 1;   // pixels per point
  float larger = 1;  // units of the window's size per point

  ~Inside() {
    if (context) {
      ImGui::SetCurrentContext(context);
      ImGui_ImplSDL2_Shutdown();
      ImGui::DestroyContext(context);
    }
    if (letters) SDL_DestroyTexture(letters);
    if (renderer) SDL_DestroyRenderer(renderer);
    if (window) SDL_DestroyWindow(window);
    SDL_Quit();
  }
};

Window::Window(const std::string& title, int width, int height, float scale) : inside_(std::make_unique<Inside>()) {
  const char* const driver = open_video();
  // Where the system knows no points (X11), a window on a screen of twice the density is to be twice as large.
  float dots = kStandardDots;
  const bool dense = driver && std::string_view(driver) == "x11" &&
                     SDL_GetDisplayDPI(0, &dots, nullptr, nullptr) == 0 && dots > 1.4F * kStandardDots;
  const float larger = scale > 0 ? scale : dense ? dots / kStandardDots : 1;
  const auto pixels = [&](int points) { return int(float(points) * larger); };
  inside_->window = SDL_CreateWindow(title.c_str(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, pixels(width),
                                     pixels(height), SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
  if (!inside_->window) fail(kNoWindow);
  inside_->renderer = SDL_CreateRenderer(inside_->window, -1, SDL_RENDERER_PRESENTVSYNC);
  if (!inside_->renderer) fail("drawing in the window");
  int across = 0, asked = 1;
  SDL_GetRendererOutputSize(inside_->renderer, &across, nullptr);
  SDL_GetWindowSize(inside_->window, &asked, nullptr);
  inside_->larger = larger;
  inside_->scale = scale > 0 ? scale : larger * float(across) / float(std::max(asked, 1));
  inside_->context = ImGui::CreateContext();
  set_up_fonts(inside_->scale);
  ImGui_ImplSDL2_InitForSDLRenderer(inside_->window);
  inside_->letters = font_texture(inside_->renderer);
}

Window::~Window() = default;

float Window::scale() const { return inside_->scale; }

std::pair<int, int> Window::size() const {
  int w = 0, h = 0;
  SDL_GetWindowSize(inside_->window, &w, &h);
  return {int(float(w) / inside_->larger), int(float(h) / inside_->larger)};
}

bool Window::events(Keys& keys, int patience) {
  SDL_Event event;
  bool open = true;
  for (int some = SDL_WaitEventTimeout(&event, patience); some; some = SDL_PollEvent(&event)) {
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_QUIT) open = false;
    if (event.type != SDL_KEYDOWN) continue;
    if (const std::string key = name_of(event.key); !key.empty()) keys.push_back(key);
  }
  return open;
}

void Window::frame(const std::function<void()>& body) {
  ImGui::SetCurrentContext(inside_->context);
  ImGui_ImplSDL2_NewFrame();
  int across = 0, down = 0;
  SDL_GetRendererOutputSize(inside_->renderer, &across, &down);
  ImGui::GetIO().DisplaySize = {float(across), float(down)};  // we draw in pixels
  ImGui::GetIO().DisplayFramebufferScale = {1, 1};
  if (SDL_GetMouseFocus() == inside_->window) {  // ImGui's own waits for the keyboard's focus, too
    int x = 0, y = 0, w = 0, h = 0;
    SDL_GetMouseState(&x, &y);
    SDL_GetWindowSize(inside_->window, &w, &h);
    ImGui::GetIO().MousePos = {float(x) * float(across) / float(w), float(y) * float(down) / float(h)};
  }
  ImGui::NewFrame();
  body();
  finish(inside_->renderer);
  SDL_RenderPresent(inside_->renderer);
}

Image Window::picture() const {
  finish(inside_->renderer);  // what was presented need not be there any more
  return read(inside_->renderer);
}

struct Canvas::Inside {
  SDL_Surface* surface = nullptr;
  SDL_Renderer* renderer = nullptr;
  SDL_Texture* letters = nullptr;
  ImGuiContext* context = nullptr;
  double seconds = 0;

  ~Inside() {
    if (context) {
      ImGui::SetCurrentContext(context);
      ImGui::DestroyContext(context);
    }
    if (letters) SDL_DestroyTexture(letters);
    if (renderer) SDL_DestroyRenderer(renderer);
    if (surface) SDL_FreeSurface(surface);
  }
};

Canvas::Canvas(int width, int height, float scale) : inside_(std::make_unique<Inside>()) {
  width *= kFiner;
  height *= kFiner;
  scale *= kFiner;
  inside_->surface = SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_ARGB8888);
  if (!inside_->surface) fail("a picture of this size");
  inside_->renderer = SDL_CreateSoftwareRenderer(inside_->surface);
  if (!inside_->renderer) fail("drawing without a display");
  inside_->context = ImGui::CreateContext();
  set_up_fonts(scale);
  ImGui::GetIO().DisplaySize = {float(width), float(height)};
  ImGui::GetIO().DeltaTime = 1.F / 60;
  inside_->letters = font_texture(inside_->renderer);
}

Canvas::~Canvas() = default;

double Canvas::draw_seconds() const { return inside_->seconds; }

Image Canvas::frame(const std::function<void()>& body) {
  ImGui::SetCurrentContext(inside_->context);
  const auto begin = std::chrono::steady_clock::now();
  ImGui::NewFrame();
  body();
  ImGui::EndFrame();
  inside_->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  finish(inside_->renderer);
  return coarser(read(inside_->renderer));
}

}  // namespace wane::viewer
