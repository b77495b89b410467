"""A site's fitted ensemble: plain arrays that predict whole batches in numpy alone, in the window or anywhere."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import STATES, Plans
from mabdesk.models.process.plants import Start, plants_of
from mabdesk.models.process.rollout import DEAD, NUMPY, VIABLE, Single, Sizes, arranged, rollout
from mabdesk.models.process.site import Site, encode, interpolation, restored

_CHUNK = 256  # plans at once: what they need stays in the processor's memory
_OWN = ("site", "tag", "made")


@dataclass(frozen=True, eq=False)
class Courses:
    """What every member says of n batches: daily (members, n, days + 1, 7) STATES, quality (members, n, days + 1, q).

    The first quality is that of the first day, as there is no product before.
    """

    daily: Floats
    quality: Floats

    def both(self) -> Floats:
        """Return (members, n, days + 1, 7 + q)."""
        return np.concatenate([self.daily, self.quality], axis=3)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The members' weights, and what each was told of the site. Member m never saw the batches of fold m."""

    sizes: Sizes
    sites: tuple[Site, ...]
    kernels: Mapping[str, Single]
    own: Mapping[str, Single]
    start: Start
    rate: float

    @property
    def members(self) -> int:
        """How many networks there are."""
        return len(self.kernels["conv3"])

    def of(self, members: list[int]) -> "Ensemble":
        """Return the same with these members alone."""
        return Ensemble(
            self.sizes,
            tuple(self.sites[member] for member in members),
            {name: value[members] for name, value in self.kernels.items()},
            {name: value[members] for name, value in self.own.items()},
            self.start,
            self.rate,
        )

    def courses(self, plans: Plans, given: Floats | None = None) -> Courses:
        """Roll plans out; `given` (n, days) is 1 where the feed was recorded and is taken as it is."""
        starts = range(0, max(len(plans), 1), _CHUNK)
        rows = [np.arange(at, min(at + _CHUNK, len(plans))) for at in starts]
        parts = [(plans.take(chosen), None if given is None else given[chosen]) for chosen in rows]
        if len(parts) == 1:
            found = [self._roll(*parts[0])]
        else:
            with ThreadPoolExecutor(2) as pool:
                found = list(pool.map(lambda part: self._roll(*part), parts))
        return Courses(
            *(np.concatenate([getattr(one, name) for one in found], axis=1) for name in ("daily", "quality"))
        )

    def _roll(self, plans: Plans, given: Floats | None) -> Courses:
        x = encode(plans, self.sites, given)
        inputs = arranged(NUMPY, x)
        plant, made = plants_of(NUMPY, self.own, self.start, inputs | {"tagged": x["tagged"]}, self.rate)
        inputs |= {"titer_rate": inputs["titer_rate"] * made, "plant": plant}
        states, quality = rollout(NUMPY, self.kernels, inputs, plans.days)
        cells = states[..., VIABLE]
        daily = states.astype(np.float64)
        daily[..., DEAD] = 100.0 * cells / (cells + states[..., DEAD] + 1e-9)
        mean, spread = (np.stack([getattr(s, f"quality_{name}") for s in self.sites]) for name in ("mean", "spread"))
        percent = np.clip(mean[:, None, None] + spread[:, None, None] * quality.astype(np.float64), 0.0, 100.0)
        return Courses(daily, np.concatenate([percent[:, :, :1], percent], axis=2))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        found: dict[str, NDArray[np.generic]] = {f"kernel/{name}": value for name, value in self.kernels.items()}
        found |= {f"own/{name}": value for name, value in self.own.items()}
        fitted = [site.arrays() for site in self.sites]
        found |= {f"site/{name}": np.stack([one[name] for one in fitted]) for name in fitted[0]}
        found |= {f"size/{name}": np.array(value) for name, value in asdict(self.sizes).items()}
        return found | {"start/mean": self.start.mean, "start/root": self.start.root, "rate": np.array(self.rate)}


def ensemble_from(arrays: Mapping[str, NDArray[Any]]) -> Ensemble:
    """Rebuild what `arrays` gave; it predicts the same numbers."""

    def part(prefix: str) -> dict[str, NDArray[Any]]:
        return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}

    site = part("site/")
    return Ensemble(
        Sizes(**{name: int(value) for name, value in part("size/").items()}),
        tuple(restored({name: value[m] for name, value in site.items()}) for m in range(len(site["spread"]))),
        part("kernel/"),
        part("own/"),
        Start({}, arrays["start/mean"], arrays["start/root"]),
        float(arrays["rate"]),
    )


def at_hours(courses: Floats, hours: Floats) -> Floats:
    """Read daily values (..., n, days + 1, v) at hours (n, k); returns (..., n, k, v), NaN where hours are."""
    reading = interpolation(hours, courses.shape[-2] - 1).astype(np.float64)
    found = np.einsum("nkd,...nds->...nks", reading, courses)
    return np.where(np.isfinite(hours)[:, :, None], found, np.nan)


def at_harvest(courses: Floats, harvest_h: Floats) -> Floats:
    """Read daily values (..., n, days + 1, v) at harvest (n,); returns (..., n, v)."""
    return at_hours(courses, harvest_h[:, None])[..., 0, :]


def position(name: str, quality: tuple[str, ...]) -> int:
    """Return where a variable stands among STATES and quality attributes."""
    return (*STATES, *quality).index(name)
