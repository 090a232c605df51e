#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Our networks beside PyTorch: same weights, same images; losses, outputs, gradients, images/s.

  cmake --build --preset release --target network_dump
  /usr/bin/python3 bench/peers/pytorch/compare.py [--build build/release] [--threads N] [--steps N] [--out FILE] [NET:BATCH:SHIFT ...]

Needs Debian's python3-torch; run by hand. The networks are built in PyTorch from the description that network_dump writes.
A SHIFT of 6 (batch norm's, in standard deviations) keeps numbers off relu's corner; at 0 rounding moves some of millions across it, in any two
libraries. Errors are || ours - theirs || / || theirs ||: of the outputs in use and of all gradients as one vector, in single precision as both
compute; `its own` is the distance of PyTorch's own single-precision gradients from its double-precision ones. Status 1 when an error is above
the limit of 1e-5 and above that distance as well.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import torch.nn.functional as F

LIMIT = 1e-5


class Network:
    """The graph that network_dump described, with its parameters."""

    def __init__(self, folder, dtype, values="parameters"):
        with open(f"{folder}/graph.json", encoding="utf-8") as file:
            description = json.load(file)
        self.layers, self.specs = description["layers"], description["parameters"]
        numbers = numpy.fromfile(f"{folder}/{values}", dtype=numpy.float32)
        self.parameters = {}
        for spec in self.specs:
            part = torch.from_numpy(numbers[spec["offset"]:spec["offset"] + spec["elems"]].copy()).to(dtype)
            self.parameters[spec["name"]] = part.requires_grad_(spec["trained"])

    def of(self, layer, kind):
        return self.parameters.get(f"{layer['name']}.{kind}")

    def apply(self, layer, inputs, training):
        kind, x = layer["kind"].lower().replace("_", "").replace(" ", ""), inputs[0] if inputs else None
        window = {"stride": layer["stride"], "padding": layer["pad"]}
        if kind == "conv":
            weight = self.of(layer, "weight").view(layer["shape"][1], x.shape[1], *layer["kernel"])
            return F.conv2d(x, weight, self.of(layer, "bias"), **window)
        if kind == "fc":
            x = x.flatten(1)
            return F.linear(x, self.of(layer, "weight").view(-1, x.shape[1]), self.of(layer, "bias"))
        if kind == "maxpool":
            return F.max_pool2d(x, layer["kernel"], **window)
        if kind == "avgpool":
            return F.avg_pool2d(x, layer["kernel"], count_include_pad=False, **window)
        if kind == "lrn":
            return F.local_response_norm(x, layer["size"], layer["alpha"], layer["beta"], layer["k"])
        if kind in ("batchnorm", "bn"):
            return F.batch_norm(x, self.of(layer, "mean").clone(), self.of(layer, "variance").clone(),
                                self.of(layer, "scale"), self.of(layer, "shift"), training, layer["momentum"],
                                layer["eps"])
        if kind == "concat":
            return torch.cat(inputs, 1)
        if kind == "add":
            return sum(inputs[1:], inputs[0])
        if kind == "relu":
            return F.relu(x)
        if kind == "fork" or (kind == "dropout" and not training):
            return x
        raise SystemExit(f"{kind}: not compared with PyTorch")

    def logits(self, images, training):
        done = []
        for layer in self.layers[1:-1]:
            done.append(self.apply(layer, [images if i == 0 else done[i - 1] for i in layer["inputs"]], training))
        return done[-1].flatten(1)

    def loss(self, images, labels):
        return F.cross_entropy(self.logits(images, True), labels)

    def gradients(self):
        return torch.cat([self.parameters[spec["name"]].grad.flatten() for spec in self.specs if spec["trained"]])


def distance(ours, theirs):
    ours, theirs = ours.double(), theirs.double()
    return float((ours - theirs).norm() / theirs.norm())


def compare(options, net, batch, shift):
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads))
        program = f"{options.build}/bench/network_dump"
        rate = float(subprocess.run([program, net, str(batch), folder, str(options.steps), options.conv, shift], env=environment,
                                    check=True, capture_output=True, text=True).stdout)
        labels = torch.from_numpy(numpy.fromfile(f"{folder}/labels", dtype=numpy.int32)).long()
        single, double = Network(folder, torch.float32), Network(folder, torch.float64)
        shape = single.layers[0]["shape"]
        images = torch.from_numpy(numpy.fromfile(f"{folder}/images", dtype=numpy.float32)).view(shape)
        loss = single.loss(images, labels)
        loss.backward()
        double.loss(images.double(), labels).backward()
        whole = numpy.fromfile(f"{folder}/gradients", dtype=numpy.float32)
        ours = torch.cat([torch.from_numpy(whole[s["offset"]:s["offset"] + s["elems"]]) for s in single.specs if s["trained"]])
        with torch.no_grad():
            used = F.softmax(Network(folder, torch.float32, "moved").logits(images, False), 1).flatten()
        outputs = torch.from_numpy(numpy.fromfile(f"{folder}/probabilities", dtype=numpy.float32))
        loss_ours = float(numpy.fromfile(f"{folder}/loss", dtype=numpy.float64)[0])
        start = time.perf_counter()
        for _ in range(options.steps):
            single.loss(images, labels).backward()
        peer = options.steps * batch / (time.perf_counter() - start)
        return {"net": net, "batch": batch, "loss": abs(loss_ours - float(loss)) / abs(float(loss)),
                "output": distance(outputs, used), "gradient": distance(ours, double.gradients()),
                "floor": distance(single_gradients(folder, images, labels), double.gradients()), "ours": rate, "peer": peer}


def single_gradients(folder, images, labels):
    network = Network(folder, torch.float32)
    network.loss(images, labels).backward()
    return network.gradients()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--conv", default="direct")
    parser.add_argument("--out")
    parser.add_argument("networks", nargs="*", default=["lenet:64:0", "resnet18:8:0", "resnet18:8:6", "inception-a:8:0", "inception-a:8:6"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lines = [f"{'network':14}{'batch':>6}{'shift':>6}{'loss':>10}{'output':>10}{'gradient':>10}{'its own':>10}{'images/s':>10}{'PyTorch':>10}"]
    wrong = False
    for word in options.networks:
        net, batch, shift = word.rsplit(":", 2)
        row = compare(options, net, int(batch), shift)
        wrong |= max(row["loss"], row["output"]) > LIMIT or row["gradient"] > max(LIMIT, 1.5 * row["floor"])
        lines.append(f"{row['net']:14}{row['batch']:>6}{shift:>6}{row['loss']:>10.1e}{row['output']:>10.1e}{row['gradient']:>10.1e}"
                     f"{row['floor']:>10.1e}{row['ours']:>10.1f}{row['peer']:>10.1f}")
        print(lines[0] if len(lines) == 2 else "", lines[-1], sep="\n" if len(lines) == 2 else "", flush=True)
    if options.out:
        command = f"bench/peers/pytorch/compare.py --threads {options.threads} --steps {options.steps} --conv {options.conv}"
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(f"# Networks beside PyTorch {torch.__version__}\n\n`{command}`; relative errors of loss, outputs in use and all "
                       "gradients against PyTorch (gradients: against its double precision, and PyTorch's own single precision against "
                       "the same; a batch norm shift of 6 keeps numbers off relu's corner); forward and backward passes, images/s of both.\n\n```\n" + "\n".join(lines) + "\n```\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
