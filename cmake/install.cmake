# What `cmake --install` puts where, for worlds of one's own: find_package(wane) gives `wane::world`, the headers that a
# world is written against (no LibTorch, no yaml-cpp). The program finds LibTorch where it was built with it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(wane_world_headers
  draws.h lane.h lanes.h range.h rng.h setting_list.h wane_world.h world.h world_table.h)
list(TRANSFORM wane_world_headers PREPEND ${PROJECT_SOURCE_DIR}/envs/)
install(FILES ${wane_world_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wane/envs COMPONENT world)

add_library(wane_world INTERFACE)
set_target_properties(wane_world PROPERTIES EXPORT_NAME world)
target_compile_features(wane_world INTERFACE cxx_std_20)
# Or templates' statics of two plug-ins with one name for their structs would be one object.
target_compile_options(wane_world INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
target_include_directories(wane_world INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/wane>)
install(TARGETS wane_world EXPORT wane)
install(EXPORT wane NAMESPACE wane:: FILE waneConfig.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/wane COMPONENT world)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/waneConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/waneConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/wane COMPONENT world)

set_target_properties(wane PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS wane COMPONENT program)
