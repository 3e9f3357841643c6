# SPDX-License-Identifier: MIT
# Every dependency, from Debian 12 packages (runtime/cmake/debian_packages.txt names them).

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(doctest QUIET)
find_package(CLI11 2.1 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(git2 REQUIRED IMPORTED_TARGET libgit2>=1.5)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl>=3.0)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)

# Debian's libcaf-dev has neither a CMake package nor a .pc file; the target names are CAF 1.x's.
foreach(component core io)
  find_library(CAF_${component}_LIBRARY caf_${component} REQUIRED)
  find_path(CAF_INCLUDE_DIR caf/actor_system.hpp REQUIRED)
  if(NOT TARGET CAF::${component})
    add_library(CAF::${component} UNKNOWN IMPORTED)
    set_target_properties(CAF::${component} PROPERTIES
      IMPORTED_LOCATION ${CAF_${component}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
      INTERFACE_COMPILE_DEFINITIONS CAF_ENABLE_TYPE_ID_CHECKS
      INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
endforeach()
