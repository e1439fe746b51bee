"""The `model` vectors of the heijunka box: random mixes, and random histories of pacers."""

from fractions import Fraction
from typing import Any

import model_pacing as pacing
from dice import Dice

Step = dict[str, Any]


def sequences() -> tuple[str, Any, list[Step]]:
    """Random mixes."""
    dice = Dice(81)
    steps: list[Step] = []
    for most in [1, 2, 5, 9, 30, 60]:
        for _ in range(5):
            counts = [dice.number(0, most) for _ in range(dice.number(1, 12))]
            counts[dice.number(0, len(counts) - 1)] += 1
            steps.append({"op": "sequence", "counts": counts, "expect": {"order": pacing.sequence(counts)}})
    return "the leveled order of random mixes, by Tijdeman's rule in fractions", {}, steps


def pacer() -> tuple[str, Any, list[Step]]:
    """Offers and polls of pacers with all kinds of takts and domains."""
    dice = Dice(82)
    steps: list[Step] = []
    for round_ in range(6):
        available_us, demand = dice.number(200, 5_000), dice.pick([1, 3, 7, 11])
        weights = {name: dice.number(1, 9) for name in "abcde"[: dice.number(1, 5)]}
        backlogs = {name: dice.number(1, 12) for name in weights}
        bounds: dict[str, Any] = {"max_backlog": dice.number(5, 40), "max_catch_up": dice.number(0, 3)}
        if round_ % 2:
            bounds["max_late"] = dice.number(0, 4)
        config = {"available_us": available_us, "demand": demand, **bounds}
        config["domains"] = {
            name: {"weight": weights[name], "max_backlog": backlogs[name]} for name in weights
        }
        domains = {name: pacing.Domain(weights[name], backlogs[name]) for name in weights}
        model = pacing.Pacer(Fraction(available_us, demand), domains, **bounds)
        steps.append({"op": "pacer_new", "now_us": 0, "config": config, "expect": {}})
        now_us = 0
        for _ in range(70):
            now_us += dice.pick([0, 0, dice.number(0, 600), dice.number(0, 4 * available_us // demand)])
            if dice.number(1, 100) <= 55:
                name, item = dice.pick(list(weights)), dice.number(0, 999)
                expect: dict[str, Any] = model.offer(now_us, name, item)
                steps.append(
                    {"op": "pacer_offer", "now_us": now_us, "domain": name, "item": item, "expect": expect}
                )
                continue
            most = dice.pick([1, 2, 1000])
            released: list[dict[str, Any]] = []
            while len(released) < most and (release := model.poll(now_us)):
                released.append(dict(zip(("domain", "item", "due_us"), release, strict=True)))
            next_us = max(model.due_us(), now_us + 1) if model.backlog() else None
            expect = {"released": released, "next_deadline_us": next_us}
            steps.append({"op": "pacer_poll", "now_us": now_us, "max_items": most, "expect": expect})
        expect = {"status": {"backlog": model.backlog(), "lapsed_slots": model.lapsed}}
        steps.append({"op": "pacer_status", "expect": expect})
    return "random offers and polls, with everybody looked at in every turn", {}, steps
