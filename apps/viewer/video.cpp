#include "apps/viewer/video.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <array>

#include "configs/error.h"

namespace wane::viewer {

struct Video::Inside {
  std::string path;
  AVFormatContext* file = nullptr;
  AVCodecContext* encoder = nullptr;
  AVStream* stream = nullptr;
  AVFrame* frame = nullptr;
  AVPacket* packet = nullptr;
  SwsContext* colours = nullptr;
  std::int64_t shown = 0;  // frames so far

  ~Inside() {
    sws_freeContext(colours);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&encoder);
    if (!file) return;
    avio_closep(&file->pb);
    avformat_free_context(file);
  }

  /// Throws Error where `code` is one of ffmpeg's.
  int must(int code, const char* what) const {
    if (code >= 0) return code;
    std::array<char, AV_ERROR_MAX_STRING_SIZE> words{};
    av_strerror(code, words.data(), words.size());
    throw Error(path + ": " + what + ": " + words.data());
  }

  void encode(const AVFrame* next) {
    must(avcodec_send_frame(encoder, next), "encoding");
    for (;;) {
      const int code = avcodec_receive_packet(encoder, packet);
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      must(code, "encoding");
      packet->duration = 1;
      av_packet_rescale_ts(packet, encoder->time_base, stream->time_base);
      must(av_interleaved_write_frame(file, packet), "writing");
    }
  }
};

Video::Video(const std::string& path, int width, int height, int frames_per_second)
    : inside_(std::make_unique<Inside>()) {
  Inside& my = *inside_;
  my.path = path;
  av_log_set_level(AV_LOG_ERROR);
  my.must(avformat_alloc_output_context2(&my.file, nullptr, "mp4", path.c_str()), "an .mp4");
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_H264);
  if (!codec) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
  if (!codec) throw Error(path + ": this ffmpeg has no encoder for .mp4");
  my.encoder = avcodec_alloc_context3(codec);
  my.encoder->width = width & ~1;  // colours are kept for two pixels by two
  my.encoder->height = height & ~1;
  my.encoder->pix_fmt = AV_PIX_FMT_YUV420P;
  my.encoder->time_base = {1, frames_per_second};
  my.encoder->framerate = {frames_per_second, 1};
  if (my.file->oformat->flags & AVFMT_GLOBALHEADER) my.encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(my.encoder->priv_data, "crf", "20", 0);  // x264's own; others take no notice
  my.must(avcodec_open2(my.encoder, codec, nullptr), "the encoder");
  my.stream = avformat_new_stream(my.file, nullptr);
  my.stream->time_base = my.encoder->time_base;
  my.must(avcodec_parameters_from_context(my.stream->codecpar, my.encoder), "the stream");
  my.must(avio_open(&my.file->pb, path.c_str(), AVIO_FLAG_WRITE), "cannot be written");
  my.must(avformat_write_header(my.file, nullptr), "writing");
  my.frame = av_frame_alloc();
  my.frame->format = my.encoder->pix_fmt;
  my.frame->width = my.encoder->width;
  my.frame->height = my.encoder->height;
  my.must(av_frame_get_buffer(my.frame, 0), "a frame");
  my.packet = av_packet_alloc();
  my.colours = sws_getContext(my.encoder->width, my.encoder->height, AV_PIX_FMT_RGB24, my.encoder->width,
                              my.encoder->height, AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr);
}

Video::~Video() = default;

void Video::add(const Image& image, int times) {
  Inside& my = *inside_;
  const std::array<const std::uint8_t*, 1> from{image.rgb.data()};
  const std::array<int, 1> row{3 * image.width};
  for (int i = 0; i < times; ++i) {
    my.must(av_frame_make_writable(my.frame), "a frame");
    sws_scale(my.colours, from.data(), row.data(), 0, my.encoder->height, my.frame->data, my.frame->linesize);
    my.frame->pts = my.shown++;
    my.encode(my.frame);
  }
}

void Video::close() {
  inside_->encode(nullptr);
  inside_->must(av_write_trailer(inside_->file), "writing");
  inside_->must(avio_closep(&inside_->file->pb), "writing");
}

}  // namespace wane::viewer
