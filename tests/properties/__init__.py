"""Properties of the books: random commands and entries, compared with plain models after every step.

``pytest tests/properties`` is bounded, and the same every time. A longer search takes any other Hypothesis
profile: ``pytest tests/properties --hypothesis-profile=NAME`` multiplies the examples by what that profile's
``max_examples`` is to Hypothesis's own 100, and draws new ones each time.
"""

from hypothesis import HealthCheck, Phase, settings

_HYPOTHESIS_EXAMPLES = 100


def bounded(examples: int, steps: int = 50) -> settings:
    """So many examples, each of so many steps; the same ones each time without a profile."""
    profile = settings.get_current_profile_name()
    chosen = settings.get_profile(profile)
    is_search = profile not in ("default", "ci")
    return settings(
        max_examples=max(1, examples * chosen.max_examples // _HYPOTHESIS_EXAMPLES)
        if is_search
        else examples,
        stateful_step_count=steps,
        derandomize=not is_search,
        database=chosen.database if is_search else None,
        phases=(Phase.generate,),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
