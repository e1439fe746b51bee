//! The tests of the C library: its header and its binary interface against what is committed, and programs that use
//! it as a user's would, compiled as C and as C++, linked both ways, run plainly and under valgrind.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::{self, Counts};
use crate::header::{self, difference};
use crate::install::{self, Installed};
use crate::parts::{Outcome, Session};
use crate::process::{self, Finished};
use crate::{Failure, system};

const SYMBOLS: &str = "bindings/c/abi/symbols.txt";
const LAYOUT: &str = "bindings/c/abi/layout.txt";
const PROGRAMS: &str = "tests/c";
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];
const VALGRIND: [&str; 5] =
    ["-q", "--leak-check=full", "--show-leak-kinds=all", "--errors-for-leak-kinds=all", "--error-exitcode=9"];

/// The packages that this needs and the system lacks.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    let tools = [
        ("gcc", "gcc"),
        ("g++", "g++"),
        ("nm", "binutils"),
        ("pkg-config", "pkg-config"),
        ("valgrind", "valgrind"),
    ];
    let mut packages: Vec<&str> =
        tools.iter().filter(|(tool, _)| system::which(tool).is_none()).map(|(_, package)| *package).collect();
    if packages.contains(&"gcc") {
        packages.push("libc6-dev");
    }
    packages
}

/// `cargo xtask abi`: writes the lists that the tests compare.
pub(crate) fn write_lists(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask abi".into());
    }
    let missing = missing_packages();
    if !missing.is_empty() {
        system::install(root, &missing)?;
    }
    header::check(root)?;
    let installed = install::install(root, &folder(root).join("prefix"), "abi")?;
    for (file, made) in [(SYMBOLS, symbols(root, &installed)?), (LAYOUT, layout(root, &installed)?)] {
        let path = root.join(file);
        let kept = fs::read_to_string(&path).unwrap_or_default();
        write(&path, &made)?;
        println!("{file} is {}", if kept == made { "up to date" } else { "made anew" });
    }
    Ok(())
}

/// The part `c`.
pub(crate) fn run(session: &Session, label: &str) -> Outcome {
    let mut tally = Tally::default();
    let root = &session.root;
    tally.note("the header", header::check(root));
    match install::install(root, &folder(root).join("prefix"), label) {
        Err(failure) => tally.note("the build", Err(failure)),
        Ok(installed) => {
            tally.note("the symbols", unchanged(root, SYMBOLS, symbols(root, &installed)));
            tally.note("the layout of structs", unchanged(root, LAYOUT, layout(root, &installed)));
            tally.note("what the header declares", declared(root, &installed));
            let readme = readme(root);
            let mut all = programs(root);
            all.extend(readme.as_ref().ok().cloned());
            tally.note("the README's program", readme.map(drop));
            for program in all {
                for language in [Language::C, Language::Cpp] {
                    for linked in [Linked::Shared, Linked::Static] {
                        run_program(session, label, &installed, &program, language, linked, &mut tally);
                    }
                }
            }
            tally.add(from_python(session, label, &installed));
        }
    }
    let mut units = process::cargo(root, &["test", "--package", "heijunka-c"]);
    tally.add(session.tests(label, &mut units, count::libtest));
    Outcome::Ran { counts: tally.counts, problem: tally.problem, output: tally.output }
}

/// What passed and failed so far.
#[derive(Default)]
struct Tally {
    counts: Counts,
    problem: Option<String>,
    output: String,
}

impl Tally {
    fn note(&mut self, what: &str, result: Result<(), Failure>) {
        match result {
            Ok(()) => self.counts.passed += 1,
            Err(Failure(message)) => {
                self.counts.failed += 1;
                self.output += &format!("{what}: {}\n\n", message.trim());
            }
        }
    }

    fn add(&mut self, outcome: Outcome) {
        if let Outcome::Ran { counts, problem, output } = outcome {
            if counts.failed > 0 {
                self.output += &output;
                self.output.push('\n');
            }
            self.counts += counts;
            self.problem = self.problem.take().or(problem);
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/test/c")
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    made.map_err(|error| Failure(format!("`{}` can't be written: {error}", path.display())))
}

/// Fails, and says what to do, when a list isn't the committed one.
fn unchanged(root: &Path, file: &str, made: Result<String, Failure>) -> Result<(), Failure> {
    let kept = fs::read_to_string(root.join(file)).unwrap_or_default();
    match difference(&kept, &made?) {
        None => Ok(()),
        Some(shown) => Err(Failure(format!(
            "not what {file} says, {shown}\nan old program must go on working with a new library; if it does, and \
             this is meant: cargo xtask abi"
        ))),
    }
}

/// The name the library goes by for the loader, and every symbol it exports.
fn symbols(root: &Path, installed: &Installed) -> Result<String, Failure> {
    let mut dynamic = process::command(root, "readelf");
    let dynamic =
        process::run(dynamic.args(["--dynamic", "--wide"]).arg(installed.shared()), "readelf", false)?;
    let soname = dynamic.lines().find(|line| line.contains("(SONAME)"));
    let soname = soname.and_then(|line| line.split(['[', ']']).nth(1)).unwrap_or("none");
    let mut list = process::command(root, "nm");
    let list = process::run(list.args(["--dynamic", "--defined-only"]).arg(installed.shared()), "nm", false)?;
    // The address differs from build to build.
    let mut names: Vec<&str> =
        list.lines().filter_map(|line| line.split_once(' ')).map(|(_, name)| name).collect();
    names.sort_unstable();
    Ok(format!("SONAME {soname}\n{}\n", names.join("\n")))
}

/// The size of every struct, and the place and size of every field of it, as a C compiler sees them.
fn layout(root: &Path, installed: &Installed) -> Result<String, Failure> {
    let header = read_header(installed)?;
    let mut text = String::from("#include <heijunka.h>\n#include <stdio.h>\n\nint main(void)\n{\n");
    for (name, fields) in structs(&header) {
        text += &format!("  printf(\"{name}: %zu bytes\\n\", sizeof({name}));\n");
        for field in fields {
            text += &format!(
                "  printf(\"  {field}: %zu bytes at %zu\\n\", sizeof((({name} *)0)->{field}), \
                 offsetof({name}, {field}));\n"
            );
        }
    }
    text += "  return 0;\n}\n";
    let (source, program) = (folder(root).join("layout.c"), folder(root).join("layout"));
    write(&source, &text)?;
    let mut compile = process::command(root, "gcc");
    compile.arg("-std=c11").args(WARNINGS).arg("-I").arg(installed.prefix.join("include"));
    process::run(compile.arg(&source).arg("-o").arg(&program), "gcc", false)?;
    process::run(&mut process::command(root, &program), "layout", false)
}

/// The header declares what the library exports, and the programs here call all of it.
fn declared(root: &Path, installed: &Installed) -> Result<(), Failure> {
    let header = functions(&read_header(installed)?);
    let exported = symbols(root, installed)?;
    let exported = exported.lines().filter_map(|line| line.strip_prefix("T ")).map(str::to_owned).collect();
    if header != exported {
        let unlike: Vec<_> = header.symmetric_difference(&exported).collect();
        return Err(Failure(format!("declared or exported, but not both: {unlike:?}")));
    }
    let called =
        programs(root).iter().map(|path| fs::read_to_string(path).unwrap_or_default()).collect::<String>();
    let is_called = |name: &&String| {
        called.match_indices(name.as_str()).any(|(at, name)| {
            !called[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        })
    };
    let uncalled: Vec<_> = header.iter().filter(|name| !is_called(name)).collect();
    if uncalled.is_empty() {
        return Ok(());
    }
    Err(Failure(format!("no program in {PROGRAMS} calls {uncalled:?}")))
}

fn read_header(installed: &Installed) -> Result<String, Failure> {
    fs::read_to_string(installed.prefix.join("include/heijunka.h"))
        .map_err(|error| Failure(format!("the header can't be read: {error}")))
}

/// The code without its comments.
fn without_comments(text: &str) -> String {
    let mut pieces = text.split("/*");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |code, piece| code + piece.split_once("*/").map_or("", |(_, rest)| rest))
}

/// The structs of a header, each with the names of its fields.
fn structs(header: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in without_comments(header).lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("typedef struct ").and_then(|rest| rest.strip_suffix(" {")) {
            found.push((name.to_owned(), Vec::new()));
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        } else if let (true, Some(field), Some((_, fields))) =
            (inside, line.strip_suffix(';'), found.last_mut())
        {
            let name = field.rsplit(' ').next().unwrap_or_default();
            fields.push(name.split('[').next().unwrap_or_default().trim_start_matches('*').to_owned());
        }
    }
    found
}

/// The functions that a header declares.
fn functions(header: &str) -> BTreeSet<String> {
    let code = without_comments(header);
    let before = code.match_indices('(').map(|(at, _)| &code[..at]);
    let name =
        |code: &str| code.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().map(str::to_owned);
    before.filter_map(name).filter(|name| name.starts_with("heijunka_")).collect()
}

/// The programs, in the order of their names.
fn programs(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join(PROGRAMS)).into_iter().flatten().flatten();
    let mut programs: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    programs.sort();
    programs
}

/// The program that the README shows, in a file.
fn readme(root: &Path) -> Result<PathBuf, Failure> {
    let text = fs::read_to_string(root.join("README.md")).unwrap_or_default();
    let code = text.split_once("```c\n").and_then(|(_, rest)| rest.split_once("```"));
    let (code, _) = code.ok_or("README.md shows no C")?;
    let file = folder(root).join("readme.c");
    write(&file, code)?;
    Ok(file)
}

#[derive(Clone, Copy)]
enum Language {
    C,
    Cpp,
}

#[derive(Clone, Copy)]
enum Linked {
    Shared,
    Static,
}

/// Compiles a program one way, and runs it plainly and under valgrind: two tests.
fn run_program(
    session: &Session,
    label: &str,
    installed: &Installed,
    program: &Path,
    language: Language,
    linked: Linked,
    tally: &mut Tally,
) {
    let root = &session.root;
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    let (compiler, standard) = match language {
        Language::C => ("gcc", "-std=c11"),
        Language::Cpp => ("g++", "-std=c++17"),
    };
    let link = match linked {
        Linked::Shared => "shared",
        Linked::Static => "static",
    };
    let built = folder(root).join(format!("{name}-{compiler}-{link}"));
    let compiled = libraries(root, installed, linked).and_then(|libraries| {
        let mut compile = process::command(root, compiler);
        compile.args([standard, "-O1", "-g", "-pthread"]).args(WARNINGS).arg(program).arg("-o").arg(&built);
        process::run(compile.args(libraries), label, false).map(drop)
    });
    let mut before = compiled;
    for valgrind in [false, true] {
        let what = format!("{name} ({compiler}, {link}{})", if valgrind { ", valgrind" } else { "" });
        let mut run = process::command(root, if valgrind { Path::new("valgrind") } else { &built });
        if valgrind {
            run.args(VALGRIND).arg(&built);
        }
        let result = before.and_then(|()| passes(session, &mut run, label));
        // What can't be run counts as failed, but its reason is shown once.
        before = if result.is_ok() { Ok(()) } else { Err("not run, for the same reason".into()) };
        tally.note(&what, result);
    }
}

fn passes(session: &Session, command: &mut Command, label: &str) -> Result<(), Failure> {
    let Finished { exit, output } = session.capture(command, label);
    match exit {
        Some(0) => Ok(()),
        Some(code) => Err(Failure(format!("{}\nexited with {code}", head(&output)))),
        None => Err(Failure(format!("{}\na signal ended it", head(&output)))),
    }
}

/// The beginning of what a program printed: a failed check, before valgrind lists all that wasn't freed because of it.
fn head(output: &str) -> &str {
    const LINES: usize = 40;
    output.match_indices('\n').nth(LINES - 1).map_or(output.trim_end(), |(at, _)| &output[..at])
}

/// What pkg-config says to compile and link with.
fn libraries(root: &Path, installed: &Installed, linked: Linked) -> Result<Vec<String>, Failure> {
    let mut ask = process::command(root, "pkg-config");
    ask.env("PKG_CONFIG_PATH", installed.lib().join("pkgconfig")).args(["--cflags", "--libs"]);
    if let Linked::Static = linked {
        ask.arg("--static");
    }
    let said = process::run(ask.arg(format!("heijunka = {}", installed.version)), "pkg-config", false)?;
    let mut words = words(&said);
    match linked {
        Linked::Shared => words.push(format!("-Wl,-rpath,{}", installed.lib().display())),
        Linked::Static => {
            for word in words.iter_mut().filter(|word| *word == "-lheijunka") {
                // The shared one stands beside it and would come first.
                "-l:libheijunka.a".clone_into(word);
            }
        }
    }
    Ok(words)
}

/// The words of a line in which a backslash keeps what follows it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter.is_whitespace() {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.extend(if letter == '\\' { letters.next() } else { Some(letter) });
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The library as a caller without a compiler sees it: through ctypes.
fn from_python(session: &Session, label: &str, installed: &Installed) -> Outcome {
    match session.tools() {
        Err(message) => {
            let counts = Counts { failed: 1, ..Counts::default() };
            Outcome::Ran { counts, problem: None, output: message }
        }
        Ok(environment) => {
            let mut tests = environment.tool("python");
            tests.env("HEIJUNKA_LIB", installed.shared());
            tests.args(["-m", "pytest", "-q", "--color=no", PROGRAMS]);
            session.tests(label, &mut tests, count::pytest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\
/* A comment with heijunka_other(). */
typedef struct heijunka_engine heijunka_engine;

typedef struct heijunka_a {
  /** The first. */
  uint64_t first;
  /**
   * The others; with more words;
   */
  uint8_t others[3];
} heijunka_a;

int32_t heijunka_a_new(const heijunka_a *a,
                       size_t length);
const char *heijunka_version(void);
";

    #[test]
    fn a_header_is_read() {
        let fields = vec!["first".to_owned(), "others".to_owned()];
        assert_eq!(structs(HEADER), [("heijunka_a".to_owned(), fields)]);
        let names: Vec<String> = functions(HEADER).into_iter().collect();
        assert_eq!(names, ["heijunka_a_new", "heijunka_version"]);
    }

    #[test]
    fn what_pkg_config_says_is_read() {
        assert_eq!(words("-I/a\\ b/include  -lm\n"), ["-I/a b/include", "-lm"]);
        assert!(words(" \n").is_empty());
    }

    #[test]
    fn the_programs_are_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(programs(root).len() >= 3);
    }
}
