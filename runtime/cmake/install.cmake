# SPDX-License-Identifier: MIT
# What `cmake --install` gives:
#   bin/ratchet, libexec/ratchet/ratchet-launcher       the programs
#   libexec/ratchet/ratchet-caf-io.so                   CAF's networking, loaded when it is needed
#   lib/libratchet.so, include/ratchet.h, ratchet.hpp   ratchet::c, for any language; ratchet.pc
#   lib/libratchet_*.a, include/ratchet/                ratchet::caf, for hosts with a CAF of their own
#   lib/python3/dist-packages/ratchet                   the Python package, on request
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ratchet)

install(TARGETS ratchet RUNTIME)
install(TARGETS ratchet_caf_io LIBRARY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/ratchet)
install(TARGETS ratchet_c EXPORT ratchetTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
target_include_directories(ratchet_c INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(EXPORT ratchetTargets NAMESPACE ratchet:: DESTINATION ${package_dir})

set_target_properties(ratchet_runtime PROPERTIES EXPORT_NAME caf)
install(TARGETS ratchet_messages ratchet_logic ratchet_actors ratchet_tools ratchet_process
                ratchet_os ratchet_git ratchet_objects ratchet_store ratchet_report ratchet_llm ratchet_edit ratchet_tls
                ratchet_federation ratchet_runtime
        EXPORT ratchetCafTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT ratchetCafTargets NAMESPACE ratchet:: DESTINATION ${package_dir})
foreach(folder messages actors runtime/embed)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ratchet/$<PATH:GET_PARENT_PATH,${folder}>
          FILES_MATCHING PATTERN *.hpp)
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ratchetConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/ratchetConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ratchetConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ratchetConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/ratchetConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/ratchet_dependencies.cmake
        DESTINATION ${package_dir})
# Relative, so that the installation may be moved.
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(${CMAKE_CURRENT_LIST_DIR}/ratchet.pc.in ratchet.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ratchet.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The Python package: with the rest if RATCHET_PYTHON is on, else by itself, when it is asked for:
# cmake --install BUILD --component python
option(RATCHET_PYTHON "install the Python package as well" OFF)
set(RATCHET_PYTHON_DIR lib/python3/dist-packages CACHE STRING
    "where it goes: a folder that Python looks in, below the prefix or absolute")
if(IS_ABSOLUTE ${RATCHET_PYTHON_DIR})
  set(library_path ${CMAKE_INSTALL_FULL_LIBDIR}/libratchet.so)
else()
  file(RELATIVE_PATH library_path "/${RATCHET_PYTHON_DIR}/ratchet"
       "/${CMAKE_INSTALL_LIBDIR}/libratchet.so")
endif()
file(CONFIGURE OUTPUT library_path CONTENT "${library_path}\n")
set(on_request EXCLUDE_FROM_ALL)
if(RATCHET_PYTHON)
  set(on_request)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/python/ratchet DESTINATION ${RATCHET_PYTHON_DIR}
        COMPONENT python ${on_request} FILES_MATCHING PATTERN *.py PATTERN py.typed
        PATTERN __pycache__ EXCLUDE)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/library_path DESTINATION ${RATCHET_PYTHON_DIR}/ratchet
        COMPONENT python ${on_request})
