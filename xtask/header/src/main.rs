//! Makes the C header of the crate in a folder.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, file] = arguments.as_slice() else {
        eprintln!("usage: header CRATE-FOLDER FILE");
        return ExitCode::FAILURE;
    };
    let written = header(folder).and_then(|text| {
        std::fs::write(file, text).map_err(|error| format!("`{file}` can't be written: {error}"))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn header(folder: &str) -> Result<String, String> {
    let config = cbindgen::Config::from_file(format!("{folder}/cbindgen.toml"))?;
    let bindings = cbindgen::Builder::new()
        .with_crate(folder)
        .with_config(config)
        .generate()
        .map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = tidy(&String::from_utf8(text).map_err(|error| error.to_string())?);
    match text.lines().find(|line| !line.is_ascii()) {
        Some(line) => Err(format!("the header is ASCII, and this isn't: {line}")),
        None => Ok(text),
    }
}

/// What a person would write otherwise: comments of one line on one line, constants of one kind close together,
/// negative ones in parentheses, nothing but ASCII.
fn tidy(text: &str) -> String {
    let mut text = text.replace('…', "...").replace('−', "-");
    for comment in ["  // __cplusplus", " // __cplusplus", "  // extern \"C\""] {
        text = text.replace(comment, "");
    }
    let mut lines: Vec<String> = Vec::new();
    let mut input = text.lines().peekable();
    while let Some(line) = input.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim() == "/**" {
            let mut comment = vec![line.to_owned()];
            while comment.last().is_some_and(|line| line.trim() != "*/") {
                comment.extend(input.next().map(str::to_owned));
            }
            if let [_, only, _] = comment.as_slice() {
                let only = only.trim().trim_start_matches("* ");
                comment = vec![format!("{indent}/** {only} */")];
            }
            lines.extend(comment);
        } else if !(line.is_empty() && lines.last().is_some_and(String::is_empty)) {
            lines.push(constant(line).unwrap_or_else(|| line.to_owned()));
        }
    }
    let kinds: Vec<Option<String>> = lines.iter().map(|line| kind(line).map(str::to_owned)).collect();
    let mut tidied = String::new();
    for (at, line) in lines.iter().enumerate() {
        let before = kinds[..at].last().and_then(Option::as_ref);
        let after = kinds[at + 1..].iter().flatten().next();
        let within = line.is_empty() && before.is_some() && before == after;
        if !within {
            tidied += line;
            tidied.push('\n');
        }
    }
    tidied
}

/// A negative constant in parentheses, as a macro should be.
fn constant(line: &str) -> Option<String> {
    let (name, number) = line.strip_prefix("#define ")?.split_once(' ')?;
    number.starts_with('-').then(|| format!("#define {name} ({number})"))
}

/// The kind of a constant: REASON of HEIJUNKA_REASON_ACCEPTED.
fn kind(line: &str) -> Option<&str> {
    line.strip_prefix("#define HEIJUNKA_")?.split('_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_reads_as_a_person_would_write_it() {
        let text = "\
#define HEIJUNKA_OK 0

/**
 * One line…
 */
#define HEIJUNKA_ERROR_A -1


/**
 * Two
 * lines.
 */
#define HEIJUNKA_ERROR_B -2

/**
 * A function.
 */
void f(void);
";
        let tidied = "\
#define HEIJUNKA_OK 0

/** One line... */
#define HEIJUNKA_ERROR_A (-1)
/**
 * Two
 * lines.
 */
#define HEIJUNKA_ERROR_B (-2)

/** A function. */
void f(void);
";
        assert_eq!(tidy(text), tidied);
    }
}
