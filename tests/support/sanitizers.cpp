// SPDX-License-Identifier: Apache-2.0
// What sanitizers cannot know, linked into every test. They see neither the locks of the dynamic loader nor those of libraries
// built without them. Never to be suppressed here: code of this project.
#if defined(__SANITIZE_THREAD__)

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return
      // OpenBLAS hands work to its threads through words of its own.
      "race:libopenblas\n"
      // The loader writes the names of objects under its lock and never changes them; we read them.
      "race:blasx::hostblas::(anonymous namespace)::is_ours\n"
      "race:^is_ours$\n";
}

#endif
