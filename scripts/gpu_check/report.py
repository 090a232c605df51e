# SPDX-License-Identifier: Apache-2.0
"""What must hold, whether it does, and the table."""
import math

LARGE = 16384
RIGHT = "every result is right"
FASTER, GEMM_OF_BOUND, OTHERS_OF_BOUND, TWO, CAPPED, NUMPY = 1.3, 0.85, 0.75, 0.9, 0.8, 0.8


def claim(what, needed, found, holds):
    return {"claim": what, "needed": needed, "found": found, "holds": holds}


def not_measured(what, needed):
    return claim(what, needed, "not measured", None)


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values))


def against(rows, peer):
    what, needed = f"faster than {peer}, all routines and sizes", f"{FASTER} in the geometric mean, slower nowhere"
    ratios = {f"{r['routine']} n={r['n']}": r["seconds"][peer] / r["seconds"]["libblasx"] for r in rows if peer in r["seconds"]}
    if not ratios:
        return not_measured(what, needed)
    mean, least = geometric_mean(list(ratios.values())), min(ratios, key=ratios.get)
    return claim(what, needed, f"{mean:.2f}, least {ratios[least]:.2f} ({least})", mean >= FASTER and ratios[least] >= 1)


def of_bound(rows, gemm):
    needed = GEMM_OF_BOUND if gemm else OTHERS_OF_BOUND
    what = f"of the bound, {'gemm' if gemm else 'the others'} from n = {LARGE}"
    parts = {f"{r['routine']} n={r['n']}": r["bound_s"] / r["seconds"]["libblasx"] for r in rows
             if r["n"] >= LARGE and r["routine"].endswith("gemm") == gemm}
    if not parts:
        return not_measured(what, f"{needed}")
    least = min(parts, key=parts.get)
    return claim(what, f"{needed}", f"least {parts[least]:.2f} ({least})", parts[least] >= needed)


def seconds_of(result, n):
    for row in (result or {}).get("rows", []):
        if row["routine"] == "dgemm" and row["n"] == n:
            return row["seconds"]["libblasx"]
    return None


def rate_against(what, needed, base, other):
    if not base or not other:
        return not_measured(what, f"{needed}")
    return claim(what, f"{needed}", f"{base / other:.2f}", base / other >= needed)


def judge(found, stand_in):
    """`found`: what the stages left, by name. A list of claims; on the stand-in no rate says anything."""
    claims = judge_rates(found)
    return [c if c["claim"] == RIGHT or not stand_in else {**c, "holds": None} for c in claims]


def judge_rates(found):
    rows = (found.get("level3") or {}).get("rows", [])
    n = found.get("n", LARGE)
    base = seconds_of(found.get("level3"), n)
    numpy = found.get("numpy")
    wrong = [f"{r['routine']} n={r['n']}" for r in rows if not r["error"]["libblasx"] <= 1]
    return [
        claim(RIGHT, "all", f"{len(rows) - len(wrong)} of {len(rows)} {' '.join(wrong)}".strip(), not wrong) if rows
        else not_measured(RIGHT, "all"),
        against(rows, "cuBLASXt"), against(rows, "NVBLAS"), of_bound(rows, True), of_bound(rows, False),
        rate_against(f"two devices on one GPU, dgemm n={n}, of one", TWO, base, seconds_of(found.get("two"), n)),
        rate_against(f"memory for 1/8 of the matrices, dgemm n={n}, of all", CAPPED, base, seconds_of(found.get("capped"), n)),
        rate_against(f"NumPy's a @ b, n={n}, of the C call", NUMPY, base, numpy["seconds"] if numpy and numpy["right"] else None),
    ]


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def table(report):
    lines = [f"{name}: {value}" for name, value in report["machine"].items()] + [f"commit: {report['commit']}", ""]
    lines += aligned([("stage", "result", "seconds", "")] + [(s["name"], s["result"], f"{s['seconds']:.0f}", s["note"]) for s in report["stages"]])
    level3 = report["found"].get("level3")
    if level3:
        lines += ["", f"{level3['card']}, driver {level3['driver']}: link {level3['to_device_bytes_per_s'] * 1e-9:.1f} GB/s in, "
                      f"{level3['to_host_bytes_per_s'] * 1e-9:.1f} out, {level3['both_ways_bytes_per_s'] * 1e-9:.1f} both",
                  "cuBLAS in the card's memory, TFLOP/s: " +
                  ", ".join(f"{name} {rate * 1e-12:.2f}" for name, rate in level3["in_core_operations_per_s"].items())]
        lines += aligned([("routine", "n", "libblasx", "cuBLASXt", "NVBLAS", "bound GFLOP/s", "of bound")] + [level3_cells(r) for r in level3["rows"]])
        lines += level3["notes"]
    if report["found"].get("training"):
        lines += ["", "training, images/s"] + aligned([("network", "batch", "GPU", "processor", "times")] +
                                                      [training_cells(r) for r in report["found"]["training"]])
    lines += [""] + aligned([("what must hold", "needed", "found", "holds")] + [
        (c["claim"], c["needed"], c["found"], {True: "yes", False: "NO", None: "-"}[c["holds"]]) for c in report["claims"]])
    if report["stand_in"]:
        lines += ["", "This ran on the stand-in: it shows that the check works, and nothing about a GPU."]
    return "\n".join(lines) + "\n"


def training_cells(row):
    gpu, cpu = row["cuda:0"], row.get("cpu")
    return (row["net"], str(row["batch"]), f"{gpu:.0f}", f"{cpu:.1f}" if cpu else "-", f"{gpu / cpu:.1f}" if cpu else "-")


def level3_cells(row):
    def rate(seconds):
        return f"{row['operations'] / seconds * 1e-9:.1f}" if seconds else "-"
    ours = row["seconds"]["libblasx"]
    return (row["routine"], str(row["n"]), rate(ours), rate(row["seconds"].get("cuBLASXt")), rate(row["seconds"].get("NVBLAS")),
            rate(row["bound_s"]), f"{row['bound_s'] / ours:.2f}")
