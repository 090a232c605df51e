% SPDX-License-Identifier: Apache-2.0
% Octave as people use it: products in four types, triangular and general solves. Prints one JSON object.
1;

function value = option(name, default)
  value = default;
  arguments = argv();
  for i = 1:numel(arguments) - 1
    if strcmp(arguments{i}, ["--" name])
      value = arguments{i + 1};
    end
  end
end

function g = gamma_of(terms, unit)
  g = terms * unit / (1 - terms * unit);
end

% Two right results of a * b differ by no more: each is within gamma |a| |b|, and that is at most row norm times column norm.
function bound = product_bound(a, b)
  unit = eps(class(a)) / 2;
  largest_row = sqrt(max(sumsq(double(a), 2)));
  largest_column = sqrt(max(sumsq(double(b), 1)));
  bound = 2 * sqrt(8) * gamma_of(columns(a) + 3, unit) * largest_row * largest_column;
end

% In functions, because Octave sees that both factors are one matrix there and not in an anonymous function.
function c = with_own_transpose(a)
  c = a * a';
end

function c = own_transpose_with(a)
  c = a' * a;
end

function c = with_own_plain_transpose(a)
  c = a * a.';
end

out = option("out", ".");
n = str2double(option("size", "150"));
times = str2double(option("repeat", "1"));
only = option("only", "");
[~, ~] = mkdir(out);

rand("twister", 20);
k = n + 7;
a = 2 * rand(n, k) - 1;
b = 2 * rand(k, n) - 1;
w = 2 * rand(n, k) - 1;
za = a + 1i * w;
sa = single(a);
sb = single(b);
square = eye(n) + (2 * rand(n, n) - 1) / (2 * n);
right = 2 * rand(n, n) - 1;
spd = (square + square') / 2;
upper = triu(square);
unit = eps / 2;
product = 2 * n * n * k;

jobs = {
  "A * B", @() a * b, product_bound(a, b), "dgemm", product;
  "A * A'", @() with_own_transpose(a), product_bound(a, a'), "dsyrk", product / 2;
  "A' * W", @() a' * w, product_bound(a', w), "dgemm", 2 * n * k * k;
  "single A * B", @() sa * sb, product_bound(sa, sb), "sgemm", product;
  "single A' * A", @() own_transpose_with(sa), product_bound(sa', sa), "ssyrk", n * k * k;
  "complex A * A.'", @() with_own_plain_transpose(za), product_bound(za, za.'), "zsyrk", 2 * product;
  "complex A * A'", @() with_own_transpose(za), product_bound(za, za'), "zherk", 2 * product;
  "A \\ B", @() square \ right, 12 * gamma_of(3 * n, unit) * 2, "", 8 / 3 * n ^ 3;
  "U \\ B", @() upper \ right, 8 * gamma_of(n + 1, unit) * 2, "", n ^ 3;
  "chol", @() chol(spd), 4 * n * gamma_of(n + 1, unit), "", n ^ 3 / 3;
  "inv", @() inv(square), 12 * gamma_of(3 * n, unit) * 4, "", 2 * n ^ 3;
};

lines = {};
for index = 1:rows(jobs)
  [name, run, bound, routine, operations] = jobs{index, :};
  if ! isempty(only) && isempty(strfind(name, only))
    continue;
  end
  fprintf(stderr, "progress %d/%d %s\n", index - 1, rows(jobs), name);
  best = Inf;
  for i = 1:times
    start = tic();
    result = run();
    best = min(best, toc(start));
  end
  values = double(result(:));
  if iscomplex(values)
    values = [real(values) imag(values)].';
  end
  file = sprintf("%02d.f64", index);
  handle = fopen(fullfile(out, file), "w");
  fwrite(handle, values(:), "double");
  fclose(handle);
  calls = "null";
  if ! isempty(routine)
    calls = sprintf("{\"%s\": %d}", routine, times);
  end
  lines{end + 1} = sprintf( ...
    "{\"name\": \"%s\", \"file\": \"%s\", \"allowed\": %.6e, \"seconds\": %.6e, \"operations\": %.6e, \"calls\": %s}", ...
    strrep(name, "\\", "\\\\"), file, bound, best, operations, calls);
end
printf("{\"program\": \"octave\", \"version\": \"%s\", \"jobs\": [\n%s\n]}\n", version(), strjoin(lines, ",\n"));
