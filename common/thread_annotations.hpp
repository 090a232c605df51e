// SPDX-License-Identifier: Apache-2.0
// Clang's thread-safety attributes under our names; nothing under other compilers. No state.
#pragma once

#if defined(__clang__)
#define BLASX_THREAD_ATTRIBUTE_(x) __attribute__((x))
#else
#define BLASX_THREAD_ATTRIBUTE_(x)
#endif

#define BLASX_CAPABILITY(name) BLASX_THREAD_ATTRIBUTE_(capability(name))
#define BLASX_SCOPED_CAPABILITY BLASX_THREAD_ATTRIBUTE_(scoped_lockable)
#define BLASX_GUARDED_BY(mutex) BLASX_THREAD_ATTRIBUTE_(guarded_by(mutex))
#define BLASX_PT_GUARDED_BY(mutex) BLASX_THREAD_ATTRIBUTE_(pt_guarded_by(mutex))
#define BLASX_REQUIRES(...) BLASX_THREAD_ATTRIBUTE_(requires_capability(__VA_ARGS__))
#define BLASX_EXCLUDES(...) BLASX_THREAD_ATTRIBUTE_(locks_excluded(__VA_ARGS__))
#define BLASX_ACQUIRE(...) BLASX_THREAD_ATTRIBUTE_(acquire_capability(__VA_ARGS__))
#define BLASX_TRY_ACQUIRE(...) BLASX_THREAD_ATTRIBUTE_(try_acquire_capability(__VA_ARGS__))
#define BLASX_RELEASE(...) BLASX_THREAD_ATTRIBUTE_(release_capability(__VA_ARGS__))
#define BLASX_RETURN_CAPABILITY(x) BLASX_THREAD_ATTRIBUTE_(lock_returned(x))
#define BLASX_NO_THREAD_SAFETY_ANALYSIS BLASX_THREAD_ATTRIBUTE_(no_thread_safety_analysis)
