// SPDX-License-Identifier: Apache-2.0
// Which library is found, on libraries that are made for the purpose and on those of the machine.
#include "blasx/hostblas/discover.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/hostblas/kernels.hpp"
#include "common/log.hpp"
#include "with_host.hpp"

namespace {

using namespace blasx;
using namespace blasx::hostblas;

constexpr int kRowMajor = 101, kNoTrans = 111;
using Fortran32 = void (*)(const char*, const char*, const int*, const int*, const int*,
                           const double*, const double*, const int*, const double*, const int*,
                           const double*, double*, const int*);
using Cblas32 = void (*)(int, int, int, int, int, int, double, const double*, int, const double*,
                         int, double, double*, int);

double call_fortran(Function f) {
  const int one = 1;
  const double x = 1;
  double c = 0;
  reinterpret_cast<Fortran32>(f)("N", "N", &one, &one, &one, &x, &x, &one, &x, &one, &x, &c, &one);
  return c;
}

int g_came_back = 0;
double g_inside_answer = 0;

}  // namespace

// What a preloaded libblasx would be: the name that the loader finds first.
extern "C" void dgemm_(const char* ta, const char* tb, const int* m, const int* n, const int* k,
                       const double* alpha, const double* a, const int* lda, const double* b,
                       const int* ldb, const double* beta, double* c, const int* ldc) {
  ++g_came_back;
  g_inside_answer = inside() ? 1 : 0;
  reinterpret_cast<Fortran32>(function(Face::Fortran32, Routine::Gemm, Type::D))(
      ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

namespace {

class Discovery : public testing::Test {
 protected:
  void SetUp() override {
    log::set_sink(
        [](log::Level, std::string_view line, void* out) {
          static_cast<std::vector<std::string>*>(out)->emplace_back(line);
        },
        &lines_);
  }
  void TearDown() override { log::set_sink(nullptr, nullptr); }

  WithHost host_;
  std::vector<std::string> lines_;
};

TEST(Width, OfAFortranAndACblasFunction) {
  EXPECT_EQ(fortran_width(nullptr), Width::Unknown);
  EXPECT_EQ(cblas_width(nullptr), Width::Unknown);
  void* lp = dlopen(FAKE_LP64, RTLD_NOW | RTLD_LOCAL);
  void* ilp = dlopen(FAKE_ILP64, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(lp, nullptr);
  ASSERT_NE(ilp, nullptr);
  EXPECT_EQ(fortran_width(dlsym(lp, "isamax_")), Width::Lp64);
  EXPECT_EQ(fortran_width(dlsym(ilp, "isamax_")), Width::Ilp64);
  dlclose(lp);
  dlclose(ilp);
}

TEST_F(Discovery, TakesWhatTheUserNames) {
  ASSERT_TRUE(host_.use(FAKE_LP64));
  const Library& library = resolve(Face::Fortran32);
  EXPECT_EQ(std::filesystem::path(library.path).filename(), "libfake_lp64.so");
  EXPECT_EQ(library.how, "BLASX_HOST_BLAS");
  EXPECT_FALSE(library.ilp64);
  EXPECT_EQ(call_fortran(function(Face::Fortran32, Routine::Gemm, Type::D)), 32);
  EXPECT_EQ(function(Face::Fortran32, Routine::Trsm, Type::D), nullptr);
  EXPECT_EQ(&resolve(Face::Cblas32), &library);
  EXPECT_TRUE(resolved(Face::Fortran32));
  EXPECT_THAT(lines_, testing::IsEmpty());
}

TEST_F(Discovery, RefusesTheWrongWidthWithAWarning) {
  ASSERT_TRUE(host_.use(FAKE_ILP64));
  const Library& library = resolve(Face::Fortran32);
  EXPECT_NE(std::filesystem::path(library.path).filename(), "libfake_ilp64.so");
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], testing::HasSubstr("64-bit integers"));
}

TEST_F(Discovery, TheOtherWidthHasItsOwnLibrary) {
  ASSERT_TRUE(host_.use(FAKE_LP64, FAKE_ILP64));
  EXPECT_EQ(std::filesystem::path(resolve(Face::Fortran64).path).filename(), "libfake_ilp64.so");
  EXPECT_TRUE(resolve(Face::Fortran64).ilp64);
  EXPECT_FALSE(resolve(Face::Fortran32).ilp64);
  EXPECT_EQ(libraries().size(), 2u);
}

TEST_F(Discovery, AMissingFileIsAWarningNotAnEnd) {
  host_.use("");
  config::Sources sources;
  sources.variable = [](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "BLASX_HOST_BLAS") return "/nowhere/libblas.so";
    return std::nullopt;
  };
  sources.read_file = [](const std::string&) -> Result<std::string> {
    return failure(StatusCode::NotFound, "");
  };
  config::reset(sources);
  reset_for_tests();
  const Library& library = resolve(Face::Fortran32);
  EXPECT_NE(library.how, "BLASX_HOST_BLAS");
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], testing::HasSubstr("/nowhere/libblas.so"));
}

TEST_F(Discovery, NeverTakesALibraryOfOurs) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("blasx_discover_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto link = folder / "libblas.so.3";
  std::filesystem::create_symlink(FAKE_OURS_FILE, link);
  ASSERT_TRUE(host_.use(link.string()));
  const Library& library = resolve(Face::Fortran32);
  EXPECT_EQ(library.path.find("fake_ours"), std::string::npos);
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], testing::HasSubstr("is libblasx itself"));
  std::filesystem::remove_all(folder);
}

TEST_F(Discovery, WheelNamesGoToTheLibraryInTheProcessThatHasThem) {
  void* wheel = dlopen(FAKE_WHEEL, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(wheel, nullptr);
  ASSERT_TRUE(host_.use(""));
  const Library& library = resolve(Face::WheelCblas64);
  EXPECT_EQ(std::filesystem::path(library.path).filename(), "libfake_wheel.so");
  EXPECT_EQ(library.how, "in the process");
  EXPECT_EQ(library.prefix, "scipy_");
  EXPECT_NE(function(Face::WheelCblas64, Routine::Gemm, Type::D), nullptr);
  EXPECT_NE(function(Face::WheelFortran64, Routine::Gemm, Type::D), nullptr);
  EXPECT_EQ(symbol(library, "isamax_"), dlsym(wheel, "scipy_isamax_64_"));
  dlclose(wheel);
}

// Run by a process of its own: others of these tests leave the machine's OpenBLAS in theirs.
TEST_F(Discovery, DISABLED_AnOpenBlasInTheProcessComesBeforeLoadingAnother) {
  void* loaded = dlopen(FAKE_OPENBLAS_FILE, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(loaded, nullptr);
  ASSERT_TRUE(host_.use(""));
  const Library& library = resolve(Face::Fortran32);
  EXPECT_EQ(std::filesystem::path(library.path).filename(), "libfake_openblas.so");
  EXPECT_EQ(library.kind, Kind::OpenBlas);
  EXPECT_EQ(library.version, "OpenBLAS 9.9 fake");
  dlclose(loaded);
}

TEST_F(Discovery, BatchesOfALibraryAreTaken) {
  ASSERT_TRUE(host_.use(FAKE_LP64));
  resolve(Face::Cblas32);
  EXPECT_NE(function(Face::Cblas32, Extension::GemmBatch, Type::D), nullptr);
}

TEST_F(Discovery, BatchesOfOpenBlasAreNot) {
  ASSERT_TRUE(host_.use(FAKE_OPENBLAS_FILE));
  resolve(Face::Cblas32);
  EXPECT_NE(function(Face::Cblas32, Routine::Gemm, Type::D), nullptr);
  EXPECT_EQ(function(Face::Cblas32, Extension::GemmBatch, Type::D), nullptr);
}

TEST_F(Discovery, ManyThreadsFindOneLibrary) {
  ASSERT_TRUE(host_.use(FAKE_LP64));
  std::vector<const Library*> found(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < found.size(); ++i)
    threads.emplace_back([&found, i] { found[i] = &resolve(Face::Fortran32); });
  for (std::thread& t : threads) t.join();
  for (const Library* library : found) EXPECT_EQ(library, found[0]);
}

TEST_F(Discovery, WithoutALibraryTheBuiltInOneWorks) {
  ASSERT_TRUE(host_.use("builtin"));
  const Library& library = resolve(Face::Fortran32);
  EXPECT_EQ(library.kind, Kind::Builtin);
  EXPECT_FALSE(library.missing);
  EXPECT_EQ(host_symbol("ddot_", false), nullptr);
  const double a = 3, b = 4;
  double c = 1;
  BlasCall call;
  call.m = call.n = call.k = 1, call.alpha = 2.0, call.beta = 5.0;
  call.a = &a, call.b = &b, call.c = &c;
  run_call(call);
  EXPECT_EQ(c, 29);
}

// cblas_dgemm of the reference and of BLIS calls dgemm_ by name, which is ours: like goes to like, so it ends.
TEST_F(Discovery, ALibraryThatCallsBackByNameEnds) {
  ASSERT_TRUE(host_.use(FAKE_LP64));
  resolve(Face::Cblas32);
  g_came_back = 0;
  const double x = 1;
  double c = 0;
  {
    const InsideGuard guard;
    reinterpret_cast<Cblas32>(function(Face::Cblas32, Routine::Gemm, Type::D))(
        kRowMajor, kNoTrans, kNoTrans, 1, 1, 1, 1.0, &x, 1, &x, 1, 0.0, &c, 1);
  }
  EXPECT_EQ(c, 32);
  EXPECT_EQ(g_came_back, 1) << "the test program's dgemm_ was not the one found first";
  EXPECT_EQ(g_inside_answer, 1);
  EXPECT_FALSE(inside());
}

TEST_F(Discovery, ThreadsAreOneWhileTilesRunAndBackAfterwards) {
  ASSERT_TRUE(host_.use(FAKE_OPENBLAS_FILE));
  const Library& library = kernel_library();
  void* handle = library.handle;
  const auto now = reinterpret_cast<int (*)()>(dlsym(handle, "openblas_get_num_threads"));
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(handle, "openblas_set_num_threads"));
  set(7);
  EXPECT_TRUE(ScopedSingleThread::controlled());
  {
    const ScopedSingleThread outer;
    EXPECT_EQ(now(), 1);
    EXPECT_EQ(thread_count(library), 7) << "what the program has";
    {
      const ScopedSingleThread inner;
      EXPECT_EQ(now(), 1);
    }
    EXPECT_EQ(now(), 1);
  }
  EXPECT_EQ(now(), 7);
  {
    const ScopedSingleThread outer;
    set(3);  // the program's own wish
  }
  EXPECT_EQ(now(), 3);
}

// The real libraries, each the like of its kind.
TEST_F(Discovery, TablesOfTheMachinesLibraries) {
  int seen = 0;
  for (const auto& [file, kind] :
       {std::pair{"libopenblas.so.0", Kind::OpenBlas}, {"libblis.so.4", Kind::Blis}}) {
    if (!host_.use(file)) continue;
    ++seen;
    const Library& library = resolve(Face::Fortran32);
    EXPECT_EQ(library.kind, kind);
    EXPECT_FALSE(library.version.empty());
    EXPECT_GE(thread_count(library), 1);
    for (const Face face : {Face::Fortran32, Face::Cblas32})
      for (const Routine r : {Routine::Gemm, Routine::Symm, Routine::Syrk, Routine::Syr2k,
                              Routine::Trmm, Routine::Trsm})
        for (int t = 0; t < kTypeCount; ++t)
          EXPECT_NE(function(face, r, static_cast<Type>(t)), nullptr) << routine_name(r);
    EXPECT_EQ(function(Face::Fortran32, Routine::Herk, Type::D), nullptr) << "there is no dherk";
    EXPECT_NE(host_symbol("ddot_", false), nullptr);
    EXPECT_NE(host_symbol("cblas_ddot", false), nullptr);
    EXPECT_NE(host_symbol("ddot_", false), host_symbol("cblas_ddot", false));
  }
  if (seen == 0) GTEST_SKIP() << "neither OpenBLAS nor BLIS is on this machine";
}

TEST_F(Discovery, SixtyFourBitsOnTheMachine) {
  if (!host_.use("", "libopenblas64.so.0")) GTEST_SKIP() << "no libopenblas64 on this machine";
  const Library& library = resolve(Face::Fortran64);
  EXPECT_TRUE(library.ilp64);
  EXPECT_EQ(library.how, "BLASX_HOST_BLAS64");
  EXPECT_THAT(lines_, testing::IsEmpty());
}

}  // namespace
