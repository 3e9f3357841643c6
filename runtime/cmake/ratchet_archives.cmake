# SPDX-License-Identifier: MIT
# The program is linked with archives of what it uses, where the system has them. Half of what a
# short call takes is finding and binding shared libraries (`ratchet call` is a process for each step:
# tests/bench/call_bench.cpp), and libgit2 and OpenSSL bring eleven of them. libratchet.so, the tests
# and programs of others keep the shared ones: a host may have its own.
option(RATCHET_ARCHIVES "link the program with archives of libraries, where there are any" ON)

# archives_of(OUT NAME...): their paths; OUT is empty when one is missing.
function(archives_of out)
  set(found)
  foreach(name IN LISTS ARGN)
    find_library(ARCHIVE_${name} lib${name}.a)
    mark_as_advanced(ARCHIVE_${name})
    if(NOT ARCHIVE_${name})
      message(STATUS "no archive of ${name}: the program is linked with shared libraries")
      set(${out} "" PARENT_SCOPE)
      return()
    endif()
    list(APPEND found ${ARCHIVE_${name}})
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# In a program whose property RATCHET_ARCHIVES is on, LIBRARY is these files.
function(as_archives library)
  get_target_property(shared ${library} INTERFACE_LINK_LIBRARIES)
  set(in_archives $<BOOL:$<TARGET_PROPERTY:RATCHET_ARCHIVES>>)
  set_target_properties(${library} PROPERTIES INTERFACE_LINK_LIBRARIES
    "$<${in_archives}:${ARGN}>;$<$<NOT:${in_archives}>:${shared}>")
endfunction()

function(ratchet_link_archives program)
  if(NOT RATCHET_ARCHIVES OR RATCHET_SANITIZE)
    return()
  endif()
  archives_of(all git2 ssh2 http_parser mbedtls mbedx509 mbedcrypto pcre2-8 ssl crypto sqlite3 re2 sodium)
  if(NOT all)
    return()
  endif()
  list(SUBLIST all 0 7 git2)
  list(SUBLIST all 7 2 openssl)
  list(SUBLIST all 9 1 sqlite)
  list(SUBLIST all 10 1 re2)
  list(SUBLIST all 11 1 sodium)
  as_archives(PkgConfig::git2 ${git2} ${openssl} ZLIB::ZLIB)
  as_archives(PkgConfig::openssl ${openssl} ${CMAKE_DL_LIBS})
  as_archives(PkgConfig::sqlite ${sqlite} m)
  as_archives(PkgConfig::re2 ${re2})
  as_archives(PkgConfig::sodium ${sodium})
  set_target_properties(${program} PROPERTIES RATCHET_ARCHIVES ON)
  target_compile_definitions(${program} PRIVATE RATCHET_ARCHIVES)
  target_link_options(${program} PRIVATE -Wl,--wrap=mbedtls_x509_crt_parse_file)
endfunction()
