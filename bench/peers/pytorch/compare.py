#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Our networks beside PyTorch: same weights, same images; losses, outputs, gradients, images/s.

  cmake --build --preset release --target network_dump
  /usr/bin/python3 bench/peers/pytorch/compare.py [--build build/release] [--threads N] [--steps N] [--out FILE] [NET:BATCH:SHIFT ...]

Needs Debian's python3-torch; run by hand. The networks are built in PyTorch from the description that network_dump writes.

Errors are || ours - theirs || / || theirs ||: of the loss, of the outputs in use, and of all gradients as one vector. In double precision our
graph and executor run the tests' layers, with a batch of 2, and PyTorch its own: that the networks are the same. In single precision the fast
layers run, and both stand beside PyTorch's double precision: rounding moves some of a deep network's millions of numbers across relu's
corner, in PyTorch as well, unless batch norm's SHIFT (in standard deviations) keeps them off it. Status 1 when an error in double precision is
above 1e-10, or one in single precision above 1e-5 and above 1.5 times PyTorch's own.

images/s: forward and backward passes, ours and PyTorch's by turns, medians.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import torch.nn.functional as F

LIMIT = 1e-5
DOUBLE_LIMIT = 1e-10


class Network:
    """The graph that network_dump described, with its parameters."""

    def __init__(self, folder, dtype, written, values="parameters"):
        with open(f"{folder}/graph.json", encoding="utf-8") as file:
            description = json.load(file)
        self.layers, self.specs = description["layers"], description["parameters"]
        numbers = numpy.fromfile(f"{folder}/{values}", dtype=written)
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
        if kind in ("rnn", "lstm"):
            state = torch.zeros(1, x.shape[0], layer["shape"][3], dtype=x.dtype)
            hidden = layer["shape"][3]
            weights = [self.of(layer, f"weight_{part}").view(-1, columns) for part, columns in (("ih", x.shape[3]), ("hh", hidden))]
            weights += [self.of(layer, f"bias_{part}") for part in ("ih", "hh")]
            rest = (weights, True, 1, 0.0, training, False, True)  # biases, layers, dropout, training, bidirectional, batch first
            out = torch.lstm(x[:, 0], (state, state), *rest) if kind == "lstm" else torch.rnn_tanh(x[:, 0], state, *rest)
            return out[0][:, None]
        if kind == "last":
            return x[:, :, -1:]
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


def pass_of(network, images, labels):
    loss = network.loss(images, labels)
    loss.backward()
    return float(loss.detach()), network.gradients()


class Ours:
    """What network_dump wrote: one pass of ours, and what PyTorch needs to repeat it."""

    def __init__(self, options, folder, net, batch, shift, layers, written, steps):
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads))
        self.folder, self.written = folder, written
        self.rate = float(subprocess.run([f"{options.build}/bench/network_dump", net, str(batch), folder, str(steps), layers, shift],
                                         env=environment, check=True, capture_output=True, text=True).stdout)
        self.labels = torch.from_numpy(self.read("labels", numpy.int32)).long()
        shape = Network(folder, torch.float32, written).layers[0]["shape"]
        self.images = torch.from_numpy(self.read("images", written)).view(shape)
        self.loss = float(self.read("loss", numpy.float64)[0])

    def read(self, name, written):
        return numpy.fromfile(f"{self.folder}/{name}", dtype=written)

    def errors(self, dtype):
        """Of loss, outputs and gradients against PyTorch's in that precision."""
        network = Network(self.folder, dtype, self.written)
        loss, theirs = pass_of(network, self.images.to(dtype), self.labels)
        whole = self.read("gradients", self.written)
        ours = torch.cat([torch.from_numpy(whole[s["offset"]:s["offset"] + s["elems"]]) for s in network.specs if s["trained"]])
        with torch.no_grad():
            used = F.softmax(Network(self.folder, dtype, self.written, "moved").logits(self.images.to(dtype), False), 1).flatten()
        outputs = torch.from_numpy(self.read("probabilities", self.written))
        return abs(self.loss - loss) / abs(loss), distance(outputs, used), distance(ours, theirs)


def compare(options, net, batch, shift):
    with tempfile.TemporaryDirectory() as folder:
        exact = max(Ours(options, folder, net, min(batch, 2), shift, "double", numpy.float64, 0).errors(torch.float64))
    with tempfile.TemporaryDirectory() as folder:
        arguments = (options, folder, net, batch, shift, options.conv, numpy.float32)
        ours = Ours(*arguments, 0)
        loss, output, gradient = ours.errors(torch.float64)
        network = Network(folder, torch.float32, numpy.float32)
        own = distance(pass_of(network, ours.images, ours.labels)[1],
                       pass_of(Network(folder, torch.float64, numpy.float32), ours.images.double(), ours.labels)[1])
        rates, peers = [], []
        for _ in range(options.rounds):
            rates.append(Ours(*arguments, options.steps).rate)
            start = time.perf_counter()
            for _ in range(options.steps):
                network.loss(ours.images, ours.labels).backward()
            peers.append(options.steps * batch / (time.perf_counter() - start))
    return {"exact": exact, "loss": loss, "output": output, "gradient": gradient, "own": own,
            "ours": statistics.median(rates), "peer": statistics.median(peers)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--conv", default="direct")
    parser.add_argument("--out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("networks", nargs="*", default=["lenet:64:0", "resnet18:8:0", "resnet18:8:6", "inception-a:8:0", "inception-a:8:6",
                                                        "rnn:64:64:0", "lstm:64:64:0"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lines = [f"{'':14}{'':>6}{'':>6}{'double':>10}  {'single precision':^40}{'':>10}{'':>10}{'':>8}",
             f"{'network':14}{'batch':>6}{'shift':>6}{'worst':>10}{'loss':>10}{'output':>10}{'gradient':>10}{'its own':>10}"
             f"{'images/s':>10}{'PyTorch':>10}{'ratio':>8}"]
    print("\n".join(lines))
    wrong = False
    for word in options.networks:
        net, batch, shift = word.rsplit(":", 2)
        row = compare(options, net, int(batch), shift)
        wrong |= row["exact"] > DOUBLE_LIMIT or max(row["loss"], row["output"]) > LIMIT or row["gradient"] > max(LIMIT, 1.5 * row["own"])
        lines.append(f"{net:14}{batch:>6}{shift:>6}{row['exact']:>10.1e}{row['loss']:>10.1e}{row['output']:>10.1e}{row['gradient']:>10.1e}"
                     f"{row['own']:>10.1e}{row['ours']:>10.1f}{row['peer']:>10.1f}{row['ours'] / row['peer']:>8.2f}")
        print(lines[-1], flush=True)
    if options.out:
        command = f"bench/peers/pytorch/compare.py --threads {options.threads} --steps {options.steps} --conv {options.conv}"
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(f"# Networks beside PyTorch {torch.__version__}\n\n`{command}`. Same weights, same images; relative errors against PyTorch's "
                       "double precision: the worst of loss, outputs and all gradients with our layers in double precision too; then the fast "
                       "layers in single precision, `its own` being PyTorch's single precision gradients against the same. A batch norm shift "
                       "of 6 keeps numbers off relu's corner. Forward and backward passes in single precision, images/s of both by turns.\n\n"
                       "```\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
