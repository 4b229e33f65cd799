/* That a C compiler reads the table, and lays it out as the C++ compiler does. */

#include "envs/wane_world.h"

unsigned long wane_sizes_in_c(int which) {
  const unsigned long sizes[] = {sizeof(WaneWorldV1),   sizeof(WaneSettingV1), sizeof(WaneSpecV1),
                                 sizeof(WaneEpisodeV1), sizeof(WaneBuffersV1), sizeof(WaneTileV1),
                                 sizeof(WanePictureV1)};
  return sizes[which];
}
