//! Reads how many tests passed, failed and were skipped from what the test runners print.
//!
//! A reader answers `None` rather than guess: output that can't be read counts as a failure, never as a pass.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Joins what a runner counted with how it exited. Whatever doesn't fit together adds a failure and says why.
pub(crate) fn judge(counted: Option<Counts>, exit: Option<i32>) -> (Counts, Option<String>) {
    let failed_once =
        |counts: Counts, why: String| (Counts { failed: counts.failed + 1, ..counts }, Some(why));
    let ended = match exit {
        Some(code) => format!("exited with {code}"),
        None => "was killed".to_owned(),
    };
    match counted {
        None => failed_once(Counts::default(), format!("it {ended}, and its closing line can't be read")),
        Some(counts) if exit != Some(0) && counts.failed == 0 => {
            failed_once(counts, format!("it {ended} without naming a failed test"))
        }
        Some(counts) if counts.passed + counts.failed == 0 => {
            failed_once(counts, "no test was run".to_owned())
        }
        Some(counts) => (counts, None),
    }
}

/// `cargo test`: the sum over all test binaries. `None` when there is none, or when one began and never closed
/// with as many results as it announced (a test that ends the process takes the others with it, even with
/// exit code 0).
pub(crate) fn libtest(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let (mut announced, mut closed, mut binaries) = (0, 0, 0_u32);
    for line in output.lines() {
        if let Some(rest) = line.strip_prefix("running ") {
            if let Some(number) = rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test")) {
                announced += number.parse::<u64>().ok()?;
            }
        } else if let Some(rest) = line.strip_prefix("test result: ") {
            let (_, numbers) = rest.split_once(". ")?;
            let mut one = Counts::default();
            for field in numbers.split("; ") {
                match field.split_once(' ')? {
                    (number, "passed") => one.passed += number.parse::<u64>().ok()?,
                    (number, "failed") => one.failed += number.parse::<u64>().ok()?,
                    (number, "ignored") => one.skipped += number.parse::<u64>().ok()?,
                    (number, "measured") => one.passed += number.parse::<u64>().ok()?,
                    _ => {}
                }
            }
            closed += one.passed + one.failed + one.skipped;
            binaries += 1;
            counts += one;
        }
    }
    (binaries > 0 && announced == closed).then_some(counts)
}

/// `cargo nextest run`: its `Summary` line. Tests that were selected and never run count as failed.
pub(crate) fn nextest(output: &str) -> Option<Counts> {
    let line = output.lines().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, rest) = line.split_once("] ")?;
    let (run, results) = rest.trim_start().split_once(" run: ")?;
    let run = run.strip_suffix(" tests").or_else(|| run.strip_suffix(" test"))?;
    let (run, selected) = run.split_once('/').unwrap_or((run, run));
    let (run, selected) = (run.parse::<u64>().ok()?, selected.parse::<u64>().ok()?);

    let mut counts = Counts::default();
    for field in split_outside_parentheses(results) {
        let (number, what) = field.trim().split_once(' ')?;
        let number = number.parse::<u64>().ok()?;
        match what.split(" (").next()? {
            "passed" => counts.passed += number,
            "failed" | "timed out" | "exec failed" => counts.failed += number,
            "skipped" => counts.skipped += number,
            _ => return None,
        }
    }
    if counts.passed + counts.failed != run {
        return None;
    }
    counts.failed += selected.checked_sub(run)?;
    Some(counts)
}

/// pytest: its closing line, with or without the `=` around it, among the last lines it printed.
pub(crate) fn pytest(output: &str) -> Option<Counts> {
    let mut last = output.lines().rev().filter(|line| !line.trim().is_empty()).take(4);
    last.find_map(|line| {
        let line = line.trim_matches(|c| c == '=' || c == ' ');
        let (results, time) = line.rsplit_once(" in ")?;
        if !time.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if results == "no tests ran" {
            return Some(Counts::default());
        }
        let mut counts = Counts::default();
        for field in results.split(", ") {
            let (number, what) = field.split_once(' ')?;
            let number = number.parse::<u64>().ok()?;
            match what {
                "passed" | "xpassed" => counts.passed += number,
                "failed" | "error" | "errors" | "subtests failed" => counts.failed += number,
                "skipped" | "xfailed" => counts.skipped += number,
                "deselected" | "warning" | "warnings" | "subtests passed" | "subtests skipped" => {}
                _ => return None,
            }
        }
        Some(counts)
    })
}

/// `node --test --test-reporter=tap`: the sums at its end. What was cancelled or is still to do counts as failed.
pub(crate) fn tap(output: &str) -> Option<Counts> {
    let sum = |name: &str| {
        let mut lines = output.lines().rev().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(name));
        lines.find_map(|rest| rest.strip_prefix(' ')?.parse::<u64>().ok())
    };
    let passed = sum("pass")?;
    let counts =
        Counts { passed, failed: sum("fail")? + sum("cancelled")? + sum("todo")?, skipped: sum("skipped")? };
    (counts.passed + counts.failed + counts.skipped == sum("tests")?).then_some(counts)
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut fields, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                fields.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push(&text[start..]);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Option<Counts> {
        Some(Counts { passed, failed, skipped })
    }

    #[test]
    fn libtest_binaries_are_summed() {
        let output = "\
   Compiling heijunka-core v0.1.0
     Running unittests src/lib.rs (target/debug/deps/core-1)

running 3 tests
test a ... ok
test b ... ok
test c ... ignored

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s

   Doc-tests heijunka_core

running 2 tests
test core/src/lib.rs - (line 3) ... ok
test core/src/lib.rs - (line 9) ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.31s
";
        assert_eq!(libtest(output), counts(3, 1, 1));
    }

    #[test]
    fn a_libtest_binary_that_never_closes_is_not_read() {
        let whole = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; \
                     finished in 0.00s\n";
        assert_eq!(libtest(whole), counts(1, 0, 0));
        assert_eq!(libtest(&format!("{whole}running 5 tests\ntest a ... ok\n")), None);
        assert_eq!(libtest("error: could not compile `heijunka-core`\n"), None);
        assert_eq!(libtest(""), None);
    }

    #[test]
    fn nextest_summaries_are_read() {
        let line = |text: &str| nextest(&format!("   Starting 4 tests\n------------\n{text}\n"));
        assert_eq!(line("     Summary [   0.035s] 12 tests run: 12 passed, 3 skipped"), counts(12, 0, 3));
        assert_eq!(
            line("     Summary [   1.035s] 1 test run: 1 passed (1 slow, 1 leaky), 0 skipped"),
            counts(1, 0, 0)
        );
        assert_eq!(
            line(
                "     Summary [  60.1s] 9 tests run: 6 passed, 1 failed, 1 timed out, 1 exec failed, 2 skipped"
            ),
            counts(6, 3, 2)
        );
        // Stopped half-way: the three that never ran count as failed.
        assert_eq!(
            line("     Summary [   0.1s] 2/5 tests run: 1 passed, 1 failed, 0 skipped"),
            counts(1, 4, 0)
        );
        assert_eq!(line("     Summary [   0.1s] 5 tests run: 1 passed, 1 failed, 0 skipped"), None);
        assert_eq!(line("     Summary [   0.1s] 1 test run: 1 vanished, 0 skipped"), None);
        assert_eq!(line("error: test run failed"), None);
    }

    #[test]
    fn pytest_closing_lines_are_read() {
        let line = |text: &str| pytest(&format!("....F\n{text}\n"));
        assert_eq!(line("12 passed in 0.34s"), counts(12, 0, 0));
        assert_eq!(
            line(
                "===== 2 failed, 12 passed, 1 skipped, 1 xfailed, 3 warnings, 2 errors in 75.02s (0:01:15) ====="
            ),
            counts(12, 4, 2)
        );
        assert_eq!(line("no tests ran in 0.01s"), counts(0, 0, 0));
        assert_eq!(line("3 passed, 2 exploded in 0.01s"), None);
        assert_eq!(line("INTERNALERROR> it broke in 3 places"), None);
        assert_eq!(pytest(""), None);
    }

    #[test]
    fn tap_sums_are_read() {
        let sums = |tests, pass, fail, cancelled, skipped, todo| {
            tap(&format!(
                "TAP version 13\n# Subtest: # pass 7\nok 1 - # pass 7\n1..1\n# tests {tests}\n# suites 0\n\
                 # pass {pass}\n# fail {fail}\n# cancelled {cancelled}\n# skipped {skipped}\n# todo {todo}\n\
                 # duration_ms 12.5\n"
            ))
        };
        assert_eq!(sums(3, 2, 0, 0, 1, 0), counts(2, 0, 1));
        assert_eq!(sums(4, 1, 1, 1, 0, 1), counts(1, 3, 0));
        assert_eq!(sums(5, 1, 1, 1, 0, 1), None);
        assert_eq!(tap("TAP version 13\n1..0\n"), None);
    }

    #[test]
    fn nothing_that_is_in_doubt_passes() {
        let judged = |counted, exit| judge(counted, exit).0;
        assert_eq!(judged(counts(3, 0, 1), Some(0)), counts(3, 0, 1).unwrap());
        assert_eq!(judged(counts(3, 2, 1), Some(1)), counts(3, 2, 1).unwrap());
        assert_eq!(judged(counts(3, 2, 1), Some(0)), counts(3, 2, 1).unwrap());
        assert_eq!(judged(counts(3, 0, 0), Some(101)).failed, 1);
        assert_eq!(judged(counts(3, 0, 0), None).failed, 1);
        assert_eq!(judged(counts(0, 0, 0), Some(0)).failed, 1);
        assert_eq!(judged(counts(0, 0, 5), Some(0)).failed, 1);
        assert_eq!(judged(None, Some(0)).failed, 1);
        assert!(judge(None, Some(0)).1.is_some());
    }
}
