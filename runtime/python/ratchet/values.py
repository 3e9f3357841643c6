# SPDX-License-Identifier: MIT
# Made by `python_types --write` from the tools, the settings and the structs of messages/.
"""The dicts that tools take and answer, and the events.

A key that is NotRequired is left out when there is none; `null` in these words is None.
"""
from collections.abc import Sequence
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar


class MetricNoise(TypedDict):
    """How much a metric differs from run to run of the same code, in the metric's unit.

    Keys:
        values: of the baseline's runs
        spread: a robust standard deviation of one run; 0: it never differed
        advice: what that means for repeats and min_delta, in one sentence
    """

    values: list[float]
    spread: float | None
    advice: NotRequired[str]


class GuardFinding(TypedDict):
    """What a guard metric was, for whoever writes the next edit.

    Keys:
        value: none: it was not found, which its gate refuses
        baseline: of the best code so far
        allowed: the worst value that its gate lets pass
    """

    value: float | None
    baseline: float | None
    allowed: float | None


class SessionOpened(TypedDict):
    """What autoresearch_setup answers.

    Keys:
        session_id: 12 hexadecimal digits
        status
        baseline_metric
        metric_name
        metric_direction
        max_iterations
        metric_source
        workspace: where the work tree is
        branch: where kept commits will be published
        instructions_from: "program.md" where the user's words are from there
        uncommitted: the user's uncommitted paths, left out
        targets: The files that folders and patterns of target_files give, the first 100 of
            `target_count`.
        target_count
        metric_unit: as the baseline printed it; later values have it too
        noise: of the baseline
        warnings: what a person should know before believing the result
        wall_s: of one run of the unmodified code: as in run_findings
        cpu_s
        max_rss_mb
        guards
        output_tail: what that run printed last: as in run_answer
        output_bytes
        instruction
    """

    session_id: str
    status: Literal["pending", "running", "completed", "failed", "budget_exhausted"]
    baseline_metric: float | None
    metric_name: str
    metric_direction: Literal["higher_is_better", "lower_is_better"]
    max_iterations: int
    metric_source: NotRequired[str]
    workspace: NotRequired[str]
    branch: NotRequired[str]
    instructions_from: NotRequired[str]
    uncommitted: NotRequired[list[str]]
    targets: NotRequired[list[str]]
    target_count: NotRequired[int]
    metric_unit: NotRequired[str]
    noise: MetricNoise
    warnings: NotRequired[list[str]]
    wall_s: NotRequired[float]
    cpu_s: NotRequired[float]
    max_rss_mb: NotRequired[float]
    guards: NotRequired[dict[str, GuardFinding]]
    output_tail: NotRequired[str]
    output_bytes: int
    instruction: str


class EditUsage(TypedDict):
    """Tokens and money a proposal cost; unknown is null, never 0. Budgets cannot count what is
    unknown, so they count these: the tokens told, and an estimate for every call that told none.

    Keys:
        model
        calls: of the model, those that may have cost something
        input_tokens
        output_tokens
        cost_usd
        counted_tokens
        counted_cost_usd: null without a price
    """

    model: str
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    counted_tokens: int
    counted_cost_usd: float | None


class EditedVariant(TypedDict):
    """One of several candidates side by side (hive_parallel): an iteration of its own.

    Keys:
        iteration
        success
        hypothesis
        files_changed
        reason: why there is none
    """

    iteration: int
    success: bool
    hypothesis: NotRequired[str]
    files_changed: NotRequired[list[str]]
    reason: NotRequired[str]


class EditAnswer(TypedDict):
    """Applied (success), not usable (no success, a reason) or budget_exhausted.

    Keys:
        success
        budget_exhausted
        paused: the user wants no further edit now; no iteration
        permanent: the reason will not go away by asking again; no iteration
        iteration
        hypothesis
        files_changed
        reason
        spark_consumed
        spark_budget
        usage
        variants: of candidates side by side; the rest is the first's
        recovered: what was rolled back or resumed before this step
        instruction
    """

    success: NotRequired[bool]
    budget_exhausted: NotRequired[bool]
    paused: NotRequired[bool]
    permanent: NotRequired[bool]
    iteration: NotRequired[int]
    hypothesis: NotRequired[str]
    files_changed: NotRequired[list[str]]
    reason: NotRequired[str]
    spark_consumed: NotRequired[int]
    spark_budget: NotRequired[int]
    usage: NotRequired[EditUsage]
    variants: NotRequired[list[EditedVariant]]
    recovered: NotRequired[str]
    instruction: str


class RunSample(TypedDict):
    """One execution of the run command.

    Keys:
        metric_value
        duration_s
        incumbent: the best code so far, measured again for a fair comparison
        failed: a failed run that was repeated, and how it failed
    """

    metric_value: float | None
    duration_s: float
    incumbent: bool
    failed: NotRequired[str]


class MeasuredVariant(TypedDict):
    """What came of one of those candidates that were measured, before the best of them went on.

    Keys:
        iteration
        metric_value
        improved
        error
        duration_s
        worker: which worker ran it; empty: this node
        reason: why it did not improve, with the numbers
    """

    iteration: int
    metric_value: float | None
    improved: bool
    error: str | None
    duration_s: float
    worker: NotRequired[str]
    reason: NotRequired[str]


class RunAnswer(TypedDict):
    """What autoresearch_run answers.

    Keys:
        iteration
        metric_value
        best_metric: before this run
        improved
        error: why there is no value
        duration_s: of all executions together, rounded to milliseconds
        metric_source: "pattern", "name", "json" or "fallback:<what matched>"
        reason: why it did not improve, with the numbers
        failed_at: "build" or "check": it was not measured
        metric_unit
        gain: median of the pairs' differences; positive is better
        wall_s: of one execution of the run command: the median
        cpu_s: of all its processes: the median
        max_rss_mb: the greatest resident set of one process, in 10^6 bytes
        warnings: what a person should know before believing it
        samples: the executions, where there were several
        spread: sample standard deviation of several executions
        p_value: one-sided exact paired test of several executions
        guards
        output_tail: The last whole lines that were printed, ≤ 4,000 bytes, as a terminal would show
            them; the rest, as far as it is kept, shows autoresearch_show.
        output_bytes: of all that was printed
        variants: of a parallel round; the rest is the winner's
        recovered
        instruction
    """

    iteration: int
    metric_value: float | None
    best_metric: float | None
    improved: bool
    error: str | None
    duration_s: float
    metric_source: NotRequired[str]
    reason: NotRequired[str]
    failed_at: NotRequired[str]
    metric_unit: NotRequired[str]
    gain: NotRequired[float]
    wall_s: NotRequired[float]
    cpu_s: NotRequired[float]
    max_rss_mb: NotRequired[float]
    warnings: NotRequired[list[str]]
    samples: NotRequired[list[RunSample]]
    spread: NotRequired[float]
    p_value: NotRequired[float]
    guards: NotRequired[dict[str, GuardFinding]]
    output_tail: NotRequired[str]
    output_bytes: int
    variants: NotRequired[list[MeasuredVariant]]
    recovered: NotRequired[str]
    instruction: str


class DecideAnswer(TypedDict):
    """What autoresearch_decide answers.

    Keys:
        decision: kept, reverted, build_failed, check_failed, rejected_by_gate or commit_failed
        iteration
        best_metric
        best_iteration
        total_improvements
        spark_consumed
        should_continue
        ended_by: why should_continue is false: which budget, and what raises it
        commit
        reason
        not_enforced: gates that could not be asked: name and why
        warnings
        repeated
        recovered
        instruction
    """

    decision: str
    iteration: int
    best_metric: float | None
    best_iteration: int
    total_improvements: int
    spark_consumed: int
    should_continue: bool
    ended_by: NotRequired[str]
    commit: NotRequired[str]
    reason: NotRequired[str]
    not_enforced: NotRequired[list[str]]
    warnings: NotRequired[list[str]]
    repeated: NotRequired[bool]
    recovered: NotRequired[str]
    instruction: str


class UsageTotals(TypedDict):
    """What a session's edits cost together. A total is null before the first call, and for good
    from the first call that did not tell it.

    Keys:
        calls
        input_tokens
        output_tokens
        cost_usd
        counted_tokens: what max_tokens counts
        counted_cost_usd: what max_cost_usd counts
    """

    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    counted_tokens: int
    counted_cost_usd: float


class FinalizeAnswer(TypedDict):
    """What autoresearch_finalize answers.

    Keys:
        status
        session_id
        baseline_metric
        best_metric
        best_iteration
        total_improvements
        total_iterations
        spark_consumed
        usage
        elapsed_s
        branch: the branch to merge; empty when nothing was kept
        report_path
        reverted: which undecided candidate was reverted first
        comparison: baseline against best, measured again in pairs; null without
        pruned: what was taken back at the end, as it brought nothing
        not_enforced
        warnings
        repeated
        recovered
    """

    status: Literal["pending", "running", "completed", "failed", "budget_exhausted"]
    session_id: str
    baseline_metric: float | None
    best_metric: float | None
    best_iteration: int
    total_improvements: int
    total_iterations: int
    spark_consumed: int
    usage: UsageTotals
    elapsed_s: float
    branch: NotRequired[str]
    report_path: NotRequired[str]
    reverted: NotRequired[str]
    comparison: NotRequired[Any]
    pruned: NotRequired[str]
    not_enforced: NotRequired[list[str]]
    warnings: NotRequired[list[str]]
    repeated: NotRequired[bool]
    recovered: NotRequired[str]


class Steering(TypedDict):
    """Instructions that came while the search ran.

    Keys:
        iteration: after which they came
        text: its first 2,000 bytes
        time: RFC 3339
    """

    iteration: int
    text: str
    time: str


class Lesson(TypedDict):
    """What an author of edits learnt, in one sentence, and after which iterations it was said.

    Keys:
        text
        iterations
    """

    text: str
    iterations: list[int]


class Progress(TypedDict):
    """What get_autoresearch_status answers.

    Keys:
        session_id
        status
        iteration
        max_iterations
        baseline_metric
        best_metric
        best_iteration
        total_improvements
        spark_consumed
        spark_budget
        usage
        max_cost_usd: 0 is no limit
        max_tokens: 0 is no limit
        elapsed_s
        baseline_enforced
        benchmark_gain_enforced
        federation_export_enforced
        constitutional_enforced
        baseline_delta_enforced
        federation_broadcast_enforced
        constitutional_rejections
        baseline_rejections
        last_rejection_reason
        step: what is expected next; none once finalized
        state: "running" while a step is at work, else "idle"
        side_by_side: candidates with hive_parallel that are undecided
        last_output: the line that a run at work printed last
        last_result: {step, answer} of the step answered last; null before
        metric_name
        metric_direction
        repo_path
        branch
        report_path
        recovered: what was rolled back or resumed after an interruption
        metric_source
        metric_unit
        noise: of the baseline
        comparison: baseline against best, measured again in pairs; null without
        pruned: what was taken back at the end, as it brought nothing
        instructions: the user's words for whoever writes edits, as they are now
        steered: those that came while it ran, the last 20
        paused: no further edit until the user says so
        lessons: of replies, the best supported first
        not_enforced
        warnings
    """

    session_id: str
    status: Literal["pending", "running", "completed", "failed", "budget_exhausted"]
    iteration: int
    max_iterations: int
    baseline_metric: float | None
    best_metric: float | None
    best_iteration: int
    total_improvements: int
    spark_consumed: int
    spark_budget: int
    usage: UsageTotals
    max_cost_usd: float
    max_tokens: int
    elapsed_s: float
    baseline_enforced: bool
    benchmark_gain_enforced: bool
    federation_export_enforced: bool
    constitutional_enforced: bool
    baseline_delta_enforced: bool
    federation_broadcast_enforced: bool
    constitutional_rejections: int
    baseline_rejections: int
    last_rejection_reason: str
    step: Literal[
        "autoresearch_setup", "autoresearch_edit", "autoresearch_run", "autoresearch_decide",
        "autoresearch_finalize", "none"
    ]
    state: str
    side_by_side: NotRequired[int]
    last_output: NotRequired[str]
    last_result: Any
    metric_name: str
    metric_direction: Literal["higher_is_better", "lower_is_better"]
    repo_path: str
    branch: NotRequired[str]
    report_path: NotRequired[str]
    recovered: NotRequired[str]
    metric_source: NotRequired[str]
    metric_unit: NotRequired[str]
    noise: MetricNoise
    comparison: NotRequired[Any]
    pruned: NotRequired[str]
    instructions: NotRequired[str]
    steered: NotRequired[list[Steering]]
    paused: NotRequired[bool]
    lessons: NotRequired[list[Lesson]]
    not_enforced: NotRequired[list[str]]
    warnings: NotRequired[list[str]]


class SessionList(TypedDict):
    """What get_autoresearch_status answers.

    Keys:
        active_sessions
    """

    active_sessions: list[Progress]


class SessionShown(TypedDict):
    """One page of it.

    Keys:
        session_id
        what
        iteration
        file
        text: valid UTF-8, ≤ 8,000 bytes
        offset: where the text begins
        total: bytes in all; of the history: iterations
        next_offset: of the next page; none: this is the last
        instruction
    """

    session_id: str
    what: Literal["summary", "text", "diff", "output", "history", "report"]
    iteration: NotRequired[int]
    file: NotRequired[str]
    text: str
    offset: int
    total: int
    next_offset: NotRequired[int]
    instruction: NotRequired[str]


class SteerAnswer(TypedDict):
    """How the session will be from its next edit on.

    Keys:
        session_id
        instructions
        paused
        instruction
    """

    session_id: str
    instructions: str
    paused: bool
    instruction: str


class ToolScore(TypedDict):
    """Tool score.

    Keys:
        task_type
        tool_name
        success_rate: share of runs that had a metric, 0 … 1
        avg_time_s
        sample_count
        kept_rate: share of measured candidates that were kept, 0 … 1
        gain: mean of what each of them gained on the best, 0.02 is 2 %
    """

    task_type: str
    tool_name: str
    success_rate: float
    avg_time_s: float
    sample_count: int
    kept_rate: NotRequired[float]
    gain: NotRequired[float]


class BestToolAnswer(TypedDict):
    """What get_hive_best_tool answers.

    Keys:
        tool
        nodes: whose runs it is of, this one among them
    """

    tool: ToolScore | None
    nodes: int


class GuardMetric(TypedDict):
    """A second metric that must not get worse. `max_regression` is a share: 0.05 is 5 %.

    Keys:
        name
        pattern
        pick
        direction
        max_regression
    """

    name: str
    pattern: NotRequired[str]
    pick: NotRequired[Literal["last", "first", "max", "min", "median"]]
    direction: NotRequired[Literal["higher_is_better", "lower_is_better"]]
    max_regression: NotRequired[float]


class ExternalGate(TypedDict):
    """A gate the user adds: a command that reads the candidate as JSON on standard input. Exit 0
    allows; any other end refuses. The unmodified code must pass it.

    Keys:
        name
        command
        timeout_s
    """

    name: str
    command: str | Sequence[str]
    timeout_s: NotRequired[float]


class SearchReplace(TypedDict):
    """One SEARCH/REPLACE block. An empty `search` means: the whole new file `replace`.

    Keys:
        file
        search
        replace
    """

    file: str
    search: str
    replace: str


class SessionStarted(TypedDict):
    """A session has a baseline and awaits its first edit.

    Keys:
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    session_id: str
    experiment_id: str
    goal_id: str


class BaselineMeasured(TypedDict):
    """What the unmodified code measures.

    Keys:
        baseline: null: no value was printed, and that is allowed
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    baseline: float | None
    session_id: str
    experiment_id: str
    goal_id: str


class SetupFailed(TypedDict):
    """Setup came to no baseline; there is no session to go on with.

    Keys:
        error: why, as setup answered it
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    error: str
    session_id: str
    experiment_id: str
    goal_id: str


class CandidateEdited(TypedDict):
    """An edit was applied: a candidate awaits its run.

    Keys:
        iteration
        hypothesis: one line, ≤ 200 characters
        files_changed: relative paths, sorted
        usage: what the model cost that wrote it
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    iteration: int
    hypothesis: str
    files_changed: list[str]
    usage: NotRequired[EditUsage]
    session_id: str
    experiment_id: str
    goal_id: str


class CandidateMeasured(TypedDict):
    """A candidate was measured, or its build or check failed; one event each of those side by side.

    Keys:
        iteration
        metric_value
        best_metric: before this run
        improved
        error: why there is no value
        duration_s: of all executions together, rounded to milliseconds
        metric_source: "pattern", "name", "json" or "fallback:<what matched>"
        reason: why it did not improve, with the numbers
        failed_at: "build" or "check": it was not measured
        metric_unit
        gain: median of the pairs' differences; positive is better
        wall_s: of one execution of the run command: the median
        cpu_s: of all its processes: the median
        max_rss_mb: the greatest resident set of one process, in 10^6 bytes
        warnings: what a person should know before believing it
        samples: the executions, where there were several
        spread: sample standard deviation of several executions
        p_value: one-sided exact paired test of several executions
        recovered: what was rolled back or resumed before this run
        hypothesis: whose idea was measured
        worker: which joined worker ran it
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    iteration: int
    metric_value: float | None
    best_metric: float | None
    improved: bool
    error: str | None
    duration_s: float
    metric_source: NotRequired[str]
    reason: NotRequired[str]
    failed_at: NotRequired[str]
    metric_unit: NotRequired[str]
    gain: NotRequired[float]
    wall_s: NotRequired[float]
    cpu_s: NotRequired[float]
    max_rss_mb: NotRequired[float]
    warnings: NotRequired[list[str]]
    samples: NotRequired[list[RunSample]]
    spread: NotRequired[float]
    p_value: NotRequired[float]
    recovered: NotRequired[str]
    hypothesis: str
    worker: NotRequired[str]
    session_id: str
    experiment_id: str
    goal_id: str


class CandidateRejected(TypedDict):
    """A gate refused a candidate that had improved.

    Keys:
        iteration
        gate
        reason
        regressions: guard metrics that got worse, with the numbers
        output_tail: what a gate's command printed last, ≤ 4 KB
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    iteration: int
    gate: str
    reason: str
    regressions: NotRequired[list[str]]
    output_tail: NotRequired[str]
    session_id: str
    experiment_id: str
    goal_id: str


class CandidatePromoted(TypedDict):
    """A candidate was kept: its commit exists.

    Keys:
        iteration
        metric_value: the best from here on
        baseline_value: what it was better than; null: nothing was measured
        commit
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    iteration: int
    metric_value: float | None
    baseline_value: float | None
    commit: str
    session_id: str
    experiment_id: str
    goal_id: str


class CandidateReverted(TypedDict):
    """A candidate was not kept; the work tree is the best commit again.

    Keys:
        iteration
        reason: one line
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    iteration: int
    reason: str
    session_id: str
    experiment_id: str
    goal_id: str


class BudgetSpent(TypedDict):
    """No further edit may begin; told once.

    Keys:
        reason: which budget, and what raises it
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    reason: str
    session_id: str
    experiment_id: str
    goal_id: str


class SessionSteered(TypedDict):
    """The user has said something to a search that runs; it counts from its next edit on.

    Keys:
        instructions: for whoever writes edits, in place of those so far
        pause: true: no further edit; false: it goes on
        session_id
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    instructions: NotRequired[str]
    pause: NotRequired[bool]
    session_id: str
    experiment_id: str
    goal_id: str


class SessionCompleted(TypedDict):
    """The session is finalized: its progress as get_autoresearch_status answers it.

    Keys:
        session_id
        status
        iteration
        max_iterations
        baseline_metric
        best_metric
        best_iteration
        total_improvements
        spark_consumed
        spark_budget
        usage
        max_cost_usd: 0 is no limit
        max_tokens: 0 is no limit
        elapsed_s
        baseline_enforced
        benchmark_gain_enforced
        federation_export_enforced
        constitutional_enforced
        baseline_delta_enforced
        federation_broadcast_enforced
        constitutional_rejections
        baseline_rejections
        last_rejection_reason
        step: what is expected next; none once finalized
        state: "running" while a step is at work, else "idle"
        side_by_side: candidates with hive_parallel that are undecided
        last_output: the line that a run at work printed last
        last_result: {step, answer} of the step answered last; null before
        metric_name
        metric_direction
        repo_path
        branch
        report_path
        recovered: what was rolled back or resumed after an interruption
        metric_source
        metric_unit
        noise: of the baseline
        comparison: baseline against best, measured again in pairs; null without
        pruned: what was taken back at the end, as it brought nothing
        instructions: the user's words for whoever writes edits, as they are now
        steered: those that came while it ran, the last 20
        paused: no further edit until the user says so
        lessons: of replies, the best supported first
        not_enforced
        warnings
        experiment_id: as setup was given it
        goal_id: as setup was given it
    """

    session_id: str
    status: Literal["pending", "running", "completed", "failed", "budget_exhausted"]
    iteration: int
    max_iterations: int
    baseline_metric: float | None
    best_metric: float | None
    best_iteration: int
    total_improvements: int
    spark_consumed: int
    spark_budget: int
    usage: UsageTotals
    max_cost_usd: float
    max_tokens: int
    elapsed_s: float
    baseline_enforced: bool
    benchmark_gain_enforced: bool
    federation_export_enforced: bool
    constitutional_enforced: bool
    baseline_delta_enforced: bool
    federation_broadcast_enforced: bool
    constitutional_rejections: int
    baseline_rejections: int
    last_rejection_reason: str
    step: Literal[
        "autoresearch_setup", "autoresearch_edit", "autoresearch_run", "autoresearch_decide",
        "autoresearch_finalize", "none"
    ]
    state: str
    side_by_side: NotRequired[int]
    last_output: NotRequired[str]
    last_result: Any
    metric_name: str
    metric_direction: Literal["higher_is_better", "lower_is_better"]
    repo_path: str
    branch: NotRequired[str]
    report_path: NotRequired[str]
    recovered: NotRequired[str]
    metric_source: NotRequired[str]
    metric_unit: NotRequired[str]
    noise: MetricNoise
    comparison: NotRequired[Any]
    pruned: NotRequired[str]
    instructions: NotRequired[str]
    steered: NotRequired[list[Steering]]
    paused: NotRequired[bool]
    lessons: NotRequired[list[Lesson]]
    not_enforced: NotRequired[list[str]]
    warnings: NotRequired[list[str]]
    experiment_id: str
    goal_id: str


Type = TypeVar("Type")
Data = TypeVar("Data")


class CloudEvent(TypedDict, Generic[Type, Data]):
    """What happened, as a CloudEvents 1.0 object.

    Keys:
        id: the session and the sequence
        type: the topic
        time: RFC 3339, UTC, milliseconds
        sequence: 20 digits; as a number, `int(event["sequence"])`, it is an `after_seq`
        data: the payload of the topic
    """

    specversion: str
    id: str
    source: str
    type: Type
    time: str
    datacontenttype: str
    sequence: str
    data: Data


Event = (
    CloudEvent[Literal["autoresearch.started"], SessionStarted]
    | CloudEvent[Literal["autoresearch.baseline"], BaselineMeasured]
    | CloudEvent[Literal["autoresearch.failed"], SetupFailed]
    | CloudEvent[Literal["autoresearch.edited"], CandidateEdited]
    | CloudEvent[Literal["autoresearch.iteration"], CandidateMeasured]
    | CloudEvent[Literal["autoresearch.rejected"], CandidateRejected]
    | CloudEvent[Literal["autoresearch.promoted"], CandidatePromoted]
    | CloudEvent[Literal["autoresearch.reverted"], CandidateReverted]
    | CloudEvent[Literal["autoresearch.budget_exhausted"], BudgetSpent]
    | CloudEvent[Literal["autoresearch.steered"], SessionSteered]
    | CloudEvent[Literal["autoresearch.completed"], SessionCompleted]
)
