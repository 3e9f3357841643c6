# SPDX-License-Identifier: MIT
# Made by `python_types --write` from the tools, the settings and the structs of messages/.
"""The tools as methods: what they take, in words, and what they answer."""
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import values
from .awaited import awaited


class Tools:
    """A method a tool, which waits for the answer. An argument that is None is not given."""

    def _tool(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    def setup(
        self,
        *,
        repo_path: str,
        target_file: str | None = None,
        target_files: Sequence[str] | None = None,
        run_command: str | Sequence[str],
        metric_name: str | None = None,
        metric_pattern: str | None = None,
        metric_pick: Literal["last", "first", "max", "min", "median"] | None = None,
        metric_direction: Literal["higher_is_better", "lower_is_better"] | None = None,
        max_iterations: int | None = None,
        time_budget_s: float | None = None,
        build_time_budget_s: float | None = None,
        check_time_budget_s: float | None = None,
        target_metric: float | None = None,
        plateau: int | None = None,
        total_time_budget_s: float | None = None,
        max_cost_usd: float | None = None,
        max_tokens: int | None = None,
        spark_budget: int | None = None,
        spark_per_iteration: int | None = None,
        experiment_id: str | None = None,
        goal_id: str | None = None,
        edit_backend: str | Mapping[str, Any] | None = None,
        instructions: str | None = None,
        ideas: Sequence[str] | None = None,
        context_files: Sequence[str] | None = None,
        collect_paths: Sequence[str] | None = None,
        workspace: Literal["worktree", "in_place"] | None = None,
        setup_command: str | Sequence[str] | None = None,
        build_command: str | Sequence[str] | None = None,
        check_command: str | Sequence[str] | None = None,
        as_checked_out: bool | None = None,
        shared_paths: Sequence[str] | None = None,
        protected_paths: Sequence[str] | None = None,
        guard_metrics: Sequence[str | values.GuardMetric] | None = None,
        min_delta: float | None = None,
        repeats: int | Literal["auto"] | None = None,
        significance: float | None = None,
        allow_missing_baseline: bool | None = None,
        environment: Sequence[str] | None = None,
        sandbox: Literal["none", "auto", "strict"] | None = None,
        gates: Sequence[values.ExternalGate] | None = None,
        constitution: str | None = None,
        on_gate_error: Literal["open", "closed"] | None = None,
        requirements: Sequence[str] | None = None,
        explore_epsilon: float | None = None,
        wait_ms: int | None = None,
    ) -> values.SessionOpened:
        """Set up a code research session (autoresearch_setup).

        Opens a session on a git repository: checks everything, cuts an isolated work tree and runs
        the unmodified code as the baseline. Answers session_id. Then loop autoresearch_edit,
        autoresearch_run, autoresearch_decide, and end with autoresearch_finalize.

        Args:
            repo_path: Directory of the git repository to work on.
            target_file: What edits may change: a file tracked by git, a folder or a pattern. This
                or target_files.
            target_files: 1 to 1000 such: "src/**/*.cpp", "!src/gen/**". There edits may make and
                remove files.
            run_command: The experiment: text for /bin/sh -c, or a list of program and arguments. It
                must print the metric and end with exit status 0.
            metric_name: The metric's name in the output: "name: 0.9", "name=1.2ms", a JSON key, the
                first cell of a table's row. Units are read and converted. One line, 1 to 128 bytes.
                Default: "score".
            metric_pattern: Instead of the name alone: RE2 with exactly one group around the number
                (a unit in or right behind it is read); in a file that the command writes
                "json:PATH#/pointer" (a step [name=TEXT] finds an element) or "csv:PATH#column"
                (last row); "@wall_s", "@cpu_s", "@max_rss_mb" or "@instructions", measured by
                Ratchet. Default: "".
            metric_pick: Which match in the output, or row of a file, counts: "last", "first",
                "max", "min" or "median" of all. Default: "last".
            metric_direction: "higher_is_better" or "lower_is_better". Default: "higher_is_better".
            max_iterations: How many edits are tried at most, 1 to 1000000. Default: 50.
            time_budget_s: Seconds that one execution of the command may take, 0.001 to 604800; then
                it is ended. Default: 300.
            build_time_budget_s: Seconds that one build may take, 0.001 to 604800. Default: 600.
            check_time_budget_s: Seconds that one check may take, 0.001 to 604800. Default: 600.
            target_metric: The search is over once the best is as good as this, in the baseline's
                unit.
            plateau: The search is over after so many measured candidates in a row of which none was
                kept, 0 to 1000000; 0 is off. Default: 0.
            total_time_budget_s: Seconds that the whole session may take, 0 to 31536000; 0 is no
                limit. Default: 0.
            max_cost_usd: US dollars that the model calls of the whole session may cost, 0 to
                1000000; 0 is no limit. No call is begun that might go over it. Needs the backend's
                prices. Default: 0.
            max_tokens: Tokens, in and out, that the model calls of the whole session may take, 0 to
                1000000000000; 0 is no limit. Default: 0.
            spark_budget: Sparks the session may spend on runs, 1 to 1000000000; not given, as many
                as max_iterations needs. The baseline is free. Default: 200.
            spark_per_iteration: Sparks one candidate's run costs, 1 to 1000000000, at most
                spark_budget. Default: 4.
            experiment_id: Groups sessions of one experiment: 1 to 128 of A-Z a-z 0-9 _ . - Default:
                "".
            goal_id: The goal this serves: 1 to 128 of A-Z a-z 0-9 _ . - Default: "".
            edit_backend: Who writes the edits when a call brings none: "mutate" (tunes numbers,
                needs no model), "llm", "command", "recipes", "script" or "host" (edits always come
                with the call); or {"name": …} with the backend's options. Default: "mutate".
            instructions: What you know and want, in your own words, for whoever writes the edits;
                "@FILE" reads them from a file; without any, the repository's program.md is taken.
                Default: "".
            ideas: Ideas that are tried first, one an iteration, at most 1000.
            context_files: Patterns (src/**/*.hpp, docs/, !docs/old/) of files that whoever writes
                edits is shown beside the targets, at most 100.
            collect_paths: Files that a run writes (a profile, a table) and that are kept with its
                result, for prompts and for autoresearch_show (what: output, file): at most 20; of
                each the first 16 KiB, 64 KiB in all.
            workspace: "worktree": an isolated copy, your files are never touched. "in_place": the
                repository itself, which must be clean. Default: "worktree".
            setup_command: Run once in a fresh work tree before the baseline, for instance to build
                or install.
            build_command: Builds each candidate once, before anything is measured, on what the last
                build left.
            check_command: Tests that must pass (exit status 0) before anything is measured.
            as_checked_out: Whether submodules and files behind filters (Git LFS) are taken as they
                are checked out in your repository, instead of left empty and as stored. Default:
                False.
            shared_paths: Untracked files or folders (data, .venv) that the work tree needs,
                relative to the repository, at most 1000.
            protected_paths: Files or folders that no candidate may change, such as the evaluation
                script; relative to the repository, at most 1000.
            guard_metrics: Other metrics that must not get worse, at most 32: names, or {name,
                pattern, pick, direction, max_regression} where max_regression is a share from 0 to
                10 (0.05 is 5 %).
            min_delta: An improvement must exceed the best metric by more than this, in units of the
                metric; 0 or more. Default: 0.
            repeats: Pairs of runs (best code, candidate) that confirm an improvement: "auto" (by
                the baseline's own spread), or 1 to 1000; 1 is a single run with no confirmation.
                More than 1 must be enough for the significance: at least 3 for 0.125. Default:
                "auto".
            significance: Level of the one-sided exact paired test of pairs of runs: 0.000001 to
                0.5. Default: 0.125.
            allow_missing_baseline: Whether the session may start when the unmodified code prints no
                metric. Default: False.
            environment: Environment of the command beyond the allow-list: NAME passes a variable
                on, NAME=value sets one; at most 1000.
            sandbox: "none"; "auto": network off and protected paths read-only where the machine
                can; "strict": refuse to run without. Default: "auto".
            gates: Gates of your own, judged after the built-in ones, at most 32: {name, command,
                timeout_s}. The command reads the candidate as JSON on its standard input; exit 0
                allows, any other end refuses and is told with the end of its output. Each must pass
                on the unmodified code.
            constitution: Path of a rule file that replaces the built-in constitution. Default: "".
            on_gate_error: What a built-in gate or one of a host program that is absent or errs
                does: "open" lets the candidate pass and says so in not_enforced, "closed" refuses
                it. A gate's command that does not end with 0 always refuses. Default: "open".
            requirements: What a machine must have to run this, at most 100: a label ("gpu"),
                "NAME=VALUE" (a label, arch, cpu, os or name) or "NAME>=NUMBER" (cpus, memory_gb or
                a label).
            explore_epsilon: Chance, 0 to 1, that a prompt asks for an unusual idea. Default: 0.
            wait_ms: Milliseconds that this call may block, 0 to 86400000; then it answers state
                "running", the step goes on, and get_autoresearch_status has its result. In Python
                that answer is raised: StillRunning.
        """
        answer: values.SessionOpened = self._tool("autoresearch_setup", locals())
        return answer

    def edit(
        self,
        *,
        session_id: str,
        hypothesis: str | None = None,
        edits: Sequence[values.SearchReplace] | None = None,
        diff: str | None = None,
        content: str | Mapping[str, Any] | None = None,
        instructions: str | None = None,
        wait_ms: int | None = None,
    ) -> values.EditAnswer:
        """Apply one edit (autoresearch_edit).

        Applies one edit to the targets in the work tree, all or nothing: the edit given as edits,
        diff or content, or without these one that the session's edit backend proposes. permanent in
        the answer: asking again is of no use. Next: autoresearch_run.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            hypothesis: What this edit tries and why it should help: one sentence, at most 200
                characters.
            edits: The edit as a list of {file, search, replace}, 1 to 1000: search is the exact
                text to replace; empty for a file that is empty or not there yet (for a whole new
                text: content). One of edits, diff and content; at most 4 MiB in all.
            diff: The edit as a unified diff, or as a patch between *** Begin Patch and *** End
                Patch; at most 4 MiB.
            content: The edit as the whole text of the one target, or an object of file to text; at
                most 4 MiB.
            instructions: New instructions for the edit backend: text or "@FILE", at most 32 KiB.
            wait_ms: Milliseconds that this call may block, 0 to 86400000; then it answers state
                "running", the step goes on, and get_autoresearch_status has its result. In Python
                that answer is raised: StillRunning.
        """
        answer: values.EditAnswer = self._tool("autoresearch_edit", locals())
        return answer

    def run(
        self,
        *,
        session_id: str,
        more_pairs: int | None = None,
        wait_for: Literal["first", "all"] | None = None,
        wait_ms: int | None = None,
    ) -> values.RunAnswer:
        """Run the experiment (autoresearch_run).

        Runs the command and extracts the metric. Says whether it improved on the best, and why not.
        Next: autoresearch_decide.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            more_pairs: After an unsure run: 1 to 1000 pairs more of the same candidate, judged with
                those before.
            wait_for: Of candidates side by side: the first that is measured (the others go on), or
                all. Default: "first".
            wait_ms: Milliseconds that this call may block, 0 to 86400000; then it answers state
                "running", the step goes on, and get_autoresearch_status has its result. In Python
                that answer is raised: StillRunning.
        """
        answer: values.RunAnswer = self._tool("autoresearch_run", locals())
        return answer

    def decide(
        self,
        *,
        session_id: str,
        wait_ms: int | None = None,
    ) -> values.DecideAnswer:
        """Keep or revert the edit (autoresearch_decide).

        Keeps an improvement that passes the gates as a commit on the branch ratchet/<session_id>,
        and reverts anything else. Says whether to continue. Asking again repeats the answer.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            wait_ms: Milliseconds that this call may block, 0 to 86400000; then it answers state
                "running", the step goes on, and get_autoresearch_status has its result. In Python
                that answer is raised: StillRunning.
        """
        answer: values.DecideAnswer = self._tool("autoresearch_decide", locals())
        return answer

    def finalize(
        self,
        *,
        session_id: str,
        compare: bool | None = None,
        wait_ms: int | None = None,
    ) -> values.FinalizeAnswer:
        """End the session (autoresearch_finalize).

        Ends the session: reverts an undecided edit, measures what was kept against the baseline
        once more in pairs (comparison), writes the report and removes the work tree. Answers the
        branch to merge. Asking again repeats the answer.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            compare: Whether the baseline and the best are measured against each other once more, in
                pairs, where something was kept. Default: True.
            wait_ms: Milliseconds that this call may block, 0 to 86400000; then it answers state
                "running", the step goes on, and get_autoresearch_status has its result. In Python
                that answer is raised: StillRunning.
        """
        answer: values.FinalizeAnswer = self._tool("autoresearch_finalize", locals())
        return answer

    def status(
        self,
        *,
        session_id: str,
        wait_ms: int | None = None,
    ) -> values.Progress:
        """Look at sessions (get_autoresearch_status).

        The progress of one session with the result of its last step, or all sessions that are not
        finished.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            wait_ms: Waits so many milliseconds, 0 to 86400000, for a step at work to end. Default:
                0.
        """
        answer: values.Progress = self._tool("get_autoresearch_status", locals())
        return answer

    def sessions(self) -> values.SessionList:
        """Look at sessions (get_autoresearch_status).

        The progress of one session with the result of its last step, or all sessions that are not
        finished.
        """
        answer: values.SessionList = self._tool("get_autoresearch_status", locals())
        return answer

    def show(
        self,
        *,
        session_id: str,
        what: Literal["summary", "text", "diff", "output", "history", "report"] | None = None,
        iteration: int | None = None,
        file: str | None = None,
        offset: int | None = None,
    ) -> values.SessionShown:
        """Show texts, diffs, outputs and history (autoresearch_show).

        Shows a session's code and results, a page at a time: the best text of a target, the diff of
        any iteration, kept or not, what it printed, the history as lines.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            what: summary: where the search stands, its targets and commands. text: a file's text.
                diff: what was changed. output: what a run printed. history: a line for each
                iteration. report: the finished session's report as JSON. Default: "summary".
            iteration: Whose text, diff or output, up to 1000000; 0 is the unmodified code. Without
                it: of the best code so far, and the output printed last.
            file: With text: which (without, a list); with output: a file of collect_paths.
            offset: Where the page of at most 8,000 bytes begins: next_offset of the page before.
                Bytes; of the history an iteration. Without it: the beginning, of history and output
                the last page.
        """
        answer: values.SessionShown = self._tool("autoresearch_show", locals())
        return answer

    def steer(
        self,
        *,
        session_id: str,
        instructions: str | None = None,
        pause: bool | None = None,
    ) -> values.SteerAnswer:
        """Steer a search that runs (autoresearch_steer).

        New instructions for whoever writes the edits, or a pause. Taken at the session's next step,
        in whichever process; an event tells of it.

        Args:
            session_id: The session: the 12 hexadecimal digits that autoresearch_setup answered.
            instructions: For whoever writes edits, from the next proposal on, in place of those so
                far: text, or "@FILE"; at most 32 KiB.
            pause: true: the step at work ends, then no edit is made until false is given, or the
                search resumed.
        """
        answer: values.SteerAnswer = self._tool("autoresearch_steer", locals())
        return answer

    def start(
        self,
        *,
        repo_path: str,
        target_file: str | None = None,
        target_files: Sequence[str] | None = None,
        run_command: str | Sequence[str],
        metric_name: str | None = None,
        metric_pattern: str | None = None,
        metric_pick: Literal["last", "first", "max", "min", "median"] | None = None,
        metric_direction: Literal["higher_is_better", "lower_is_better"] | None = None,
        max_iterations: int | None = None,
        time_budget_s: float | None = None,
        build_time_budget_s: float | None = None,
        check_time_budget_s: float | None = None,
        target_metric: float | None = None,
        plateau: int | None = None,
        total_time_budget_s: float | None = None,
        max_cost_usd: float | None = None,
        max_tokens: int | None = None,
        spark_budget: int | None = None,
        spark_per_iteration: int | None = None,
        experiment_id: str | None = None,
        goal_id: str | None = None,
        edit_backend: str | Mapping[str, Any] | None = None,
        instructions: str | None = None,
        ideas: Sequence[str] | None = None,
        context_files: Sequence[str] | None = None,
        collect_paths: Sequence[str] | None = None,
        workspace: Literal["worktree", "in_place"] | None = None,
        setup_command: str | Sequence[str] | None = None,
        build_command: str | Sequence[str] | None = None,
        check_command: str | Sequence[str] | None = None,
        as_checked_out: bool | None = None,
        shared_paths: Sequence[str] | None = None,
        protected_paths: Sequence[str] | None = None,
        guard_metrics: Sequence[str | values.GuardMetric] | None = None,
        min_delta: float | None = None,
        repeats: int | Literal["auto"] | None = None,
        significance: float | None = None,
        allow_missing_baseline: bool | None = None,
        environment: Sequence[str] | None = None,
        sandbox: Literal["none", "auto", "strict"] | None = None,
        gates: Sequence[values.ExternalGate] | None = None,
        constitution: str | None = None,
        on_gate_error: Literal["open", "closed"] | None = None,
        requirements: Sequence[str] | None = None,
        explore_epsilon: float | None = None,
        wait_ms: int | None = None,
        hive_parallel: bool | None = None,
        num_variants: int | None = None,
    ) -> values.SessionOpened:
        """Start a code research session (start_autoresearch).

        autoresearch_setup with hive_parallel and num_variants: candidates run side by side. It
        takes every argument of autoresearch_setup.

        Args:
            hive_parallel: Whether candidates run side by side, here and on all workers, one for
                each free place. Each costs its sparks. Default: False.
            num_variants: Candidates side by side with hive_parallel, 1 to 64. Default: 3.
        """
        answer: values.SessionOpened = self._tool("start_autoresearch", locals())
        return answer

    def hive_best_tool(
        self,
        *,
        task_type: str | None = None,
    ) -> values.BestToolAnswer:
        """Which edit backend does best (get_hive_best_tool).

        The edit backend that has done a kind of task best by the runs of this node and of all its
        peers: tool {tool_name, success_rate, avg_time_s, sample_count} and the number of nodes;
        tool is null while none has five runs.

        Args:
            task_type: The kind of task, 1 to 64 bytes; experiments are "autoresearch". Default:
                "autoresearch".
        """
        answer: values.BestToolAnswer = self._tool("get_hive_best_tool", locals())
        return answer


class AwaitedTools:
    """The same, to be awaited. A call whose task is cancelled ends its step, which is undone."""

    async def _tool(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    setup = awaited(Tools.setup)
    edit = awaited(Tools.edit)
    run = awaited(Tools.run)
    decide = awaited(Tools.decide)
    finalize = awaited(Tools.finalize)
    status = awaited(Tools.status)
    sessions = awaited(Tools.sessions)
    show = awaited(Tools.show)
    steer = awaited(Tools.steer)
    start = awaited(Tools.start)
    hive_best_tool = awaited(Tools.hive_best_tool)
