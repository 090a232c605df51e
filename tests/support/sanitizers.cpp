// SPDX-License-Identifier: Apache-2.0
// What sanitizers cannot know, linked into every test. They see neither the locks of the dynamic loader nor those of libraries
// built without them. Never to be suppressed here: code of this project.
#if defined(__SANITIZE_THREAD__)

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return
      // OpenBLAS hands work to its threads through words of its own.
      "race:libopenblas\n"
      // MPIs and what they load progress messages in threads of their own. What comes and goes at run time cannot be named by
      // called_from_lib.
      "called_from_lib:libmpi.so\n"
      "called_from_lib:libmpich.so\n"
      "called_from_lib:libopen-pal.so\n"
      "called_from_lib:libopen-rte.so\n"
      "called_from_lib:libevent_core-2\n"
      "called_from_lib:libevent_pthreads-2\n"
      "mutex:libpmix\n"
      "race:libpmix\n"
      "deadlock:libpmix\n"
      "mutex:mca_\n"
      "race:mca_\n"
      "deadlock:mca_\n"
      // The loader writes the names of objects under its lock and never changes them; we read them.
      "race:blasx::hostblas::(anonymous namespace)::is_ours\n"
      "race:^is_ours$\n";
}

#endif
