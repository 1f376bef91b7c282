import sys
from unittest.mock import patch

import estimator_bench as bench
import torch
import torch.nn.functional as F


def gradient(vector, relax):
    """The gradient of the mean cost of the samples that `relax` makes of logits, uniforms and temperature."""
    logits = torch.tensor(vector.arrays["logits"], requires_grad=True)
    z = relax(logits, torch.tensor(vector.noise["z"]), vector.options["temperature"])
    return torch.autograd.grad(vector.cost(z).mean(0).sum(), logits)[0]


def torch_own(hard):
    def relax(logits, u, temperature):
        # gumbel_softmax draws exponential variables; here they are -log u of the vector's uniforms.
        with patch.object(torch.Tensor, "exponential_", lambda self: self.copy_(-u.log())):
            return F.gumbel_softmax(logits.expand_as(u), temperature, hard=hard)

    return lambda vector: gradient(vector, relax)


def noise_sign(logits, u, temperature):  # wrong: + log(-log u) is minus a Gumbel variable
    return torch.softmax((logits + torch.log(-torch.log(u))) / temperature, -1)


def noise_apart(logits, u, temperature):  # wrong: the temperature divides the logits and not the noise
    return torch.softmax(logits / temperature - torch.log(-torch.log(u)), -1)


def no_detach(logits, u, temperature):  # wrong: hard - soft + soft without detach is hard, with no gradient
    soft = torch.softmax((logits - torch.log(-torch.log(u))) / temperature, -1)
    hard = F.one_hot(soft.argmax(-1), soft.shape[-1])
    return hard - soft + soft


vectors = bench.load(sys.argv[1], family="categorical")
print(bench.check({"gs": torch_own(hard=False), "st-gs": torch_own(hard=True)}, vectors))
for estimator, relax in (("gs", noise_sign), ("gs", noise_apart), ("st-gs", no_detach)):
    print(f"\n{relax.__name__}")
    print(bench.check({estimator: lambda vector: gradient(vector, relax)}, vectors))
