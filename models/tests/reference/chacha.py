"""The random numbers of the Rust program (``rand`` 0.9, ``rand_chacha``, ``rand_distr``), written anew from their definitions.

With them what the program draws (random rows, bootstraps, figure 6) can be drawn again and compared number for number.
"""

from __future__ import annotations

import math

import numpy as np

WORDS = 16
"""32-bit words in a block of ChaCha."""


class ChaCha8:
    """``ChaCha8Rng::seed_from_u64(seed)``, on one of its streams."""

    def __init__(self, seed: int, stream: int = 0) -> None:
        state, self._key = seed, []
        for _ in range(8):  # PCG32 fills the key
            state = (state * 6364136223846793005 + 11634580027462260723) % 2**64
            word, turn = ((state >> 18 ^ state) >> 27) % 2**32, state >> 59
            self._key.append((word >> turn | word << (32 - turn)) % 2**32)
        self._stream = stream
        self._words = np.empty(0, np.uint32)
        self._at = 0

    def _need(self, count: int) -> None:
        while len(self._words) - self._at < count:
            blocks = max(64, -(-count // WORDS))
            first = len(self._words) // WORDS
            self._words = np.concatenate([self._words, self._blocks(first, blocks)])

    def _blocks(self, first: int, count: int) -> np.ndarray:
        counter = np.arange(first, first + count, dtype=np.uint64)
        start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *self._key]
        start += [counter & np.uint64(2**32 - 1), counter >> np.uint64(32), self._stream % 2**32, self._stream >> 32]
        before = [np.broadcast_to(np.asarray(word).astype(np.uint32), count) for word in start]
        state = [word.copy() for word in before]

        def turned(word: np.ndarray, by: int) -> np.ndarray:
            return word << np.uint32(by) | word >> np.uint32(32 - by)

        def quarter(a: int, b: int, c: int, d: int) -> None:
            for one, two, three, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[one] = state[one] + state[two]
                state[three] = turned(state[three] ^ state[one], by)

        for _ in range(4):  # eight rounds, two at a time
            for column in range(4):
                quarter(column, column + 4, column + 8, column + 12)
            for column in range(4):
                quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
        return np.stack([a + b for a, b in zip(state, before, strict=True)], axis=1).ravel()

    def u32(self, count: int) -> np.ndarray:
        """The next words, uint32 [count]."""
        self._need(count)
        words = self._words[self._at : self._at + count]
        self._at += count
        return words

    def u64(self) -> int:
        """The next two words as one number, the lower first."""
        low, high = self.u32(2).tolist()
        return high << 32 | low

    def floats32(self, count: int) -> np.ndarray:
        """``random::<f32>()``, float32 [count] in [0, 1)."""
        return ((self.u32(count) >> np.uint32(8)) * np.float32(2**-24)).astype(np.float32)

    def below(self, limit: int, count: int) -> np.ndarray:
        """``random_range(0..limit)`` of a ``usize``, [count]; the bias that a further word would remove does not occur."""
        product = self.u32(count).astype(np.uint64) * np.uint64(limit)
        assert ((product & np.uint64(2**32 - 1)) <= 2**32 - limit).all(), "another seed, please"
        return (product >> np.uint64(32)).astype(int)

    def whole(self, low: int, high: int) -> int:
        """``random_range(low..=high)`` of a ``u64``."""
        product = self.u64() * (high - low + 1)
        assert product % 2**64 <= 2**64 - (high - low + 1), "another seed, please"
        return low + (product >> 64)

    def unit(self) -> float:
        """``random_range(0.0..1.0)`` of an ``f64``."""
        return (self.u64() >> 12) * 2.0**-52

    def normal(self) -> float:
        """``StandardNormal``: the ziggurat of 256 layers."""
        while True:
            bits = self.u64()
            layer, u = bits & 255, (bits >> 12) * 2.0**-51 - 1
            x = u * EDGES[layer]
            if abs(x) < EDGES[layer + 1]:
                return x
            if layer == 0:
                return self._tail(u)
            between = (self.u64() >> 11) * 2.0**-53
            if HEIGHTS[layer + 1] + (HEIGHTS[layer] - HEIGHTS[layer + 1]) * between < math.exp(-x * x / 2):
                return x

    def _tail(self, u: float) -> float:
        x, y = 1.0, 0.0
        while -2 * y < x * x:
            x, y = (math.log(((self.u64() >> 12) + 0.5) * 2.0**-52) for _ in range(2))
            x /= EDGES[1]
        return x - EDGES[1] if u < 0 else EDGES[1] - x


def _ziggurat() -> tuple[list[float], list[float]]:
    """Edges x of the layers, and exp(−x²/2) there: all layers have the area of the lowest with its tail."""
    last, area = 3.654152885361008796, 0.00492867323399
    edges = [area / math.exp(-last * last / 2), last]
    for _ in range(254):
        edges.append(math.sqrt(-2 * math.log(area / edges[-1] + math.exp(-edges[-1] ** 2 / 2))))
    edges.append(0.0)
    return edges, [math.exp(-x * x / 2) for x in edges]


EDGES, HEIGHTS = _ziggurat()


def bootstrap(values: np.ndarray, resamples: int, seed: int) -> tuple[float, float, float]:
    """Mean of ``values`` with the percentile interval of its resampled means, 95 %."""
    drawn = ChaCha8(seed).below(len(values), resamples * len(values)).reshape(resamples, -1)
    means = np.sort(np.asarray(values)[drawn].mean(axis=1))
    low, high = (means[int(share * (resamples - 1) + 0.5)] for share in (0.025, 0.975))
    return float(np.mean(values)), float(low), float(high)
