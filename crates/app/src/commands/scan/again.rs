//! The command line that goes on with a scan.

use std::path::Path;

use crate::cli::ResultArgs;
use crate::render::shell_line;
use crate::settings::word_of;

/// The command line that goes on with a scan: all that is not kept with it.
pub(super) struct Again {
    words: Vec<String>,
    /// The list comes from standard input.
    from_input: bool,
    hides_password: bool,
}

impl Again {
    /// With a store of its own, which keeps everything but what is written at the end.
    pub(super) fn of_store(store: &Path, from_input: bool, lab: bool, result: &ResultArgs) -> Self {
        let mut words = vec!["--resume".to_owned(), "--store".to_owned(), store.display().to_string()];
        words.extend(lab.then(|| "--lab".to_owned()));
        words.extend(result_words(result));
        Self { words, from_input, hides_password: false }
    }

    /// With a store that is shared.
    pub(super) fn of_queue(
        file: Option<&Path>,
        place: &database::Place,
        name: &str,
        of_machine: Vec<String>,
        result: &ResultArgs,
    ) -> Self {
        let from_input = file == Some(Path::new("-"));
        let mut words: Vec<String> =
            file.filter(|_| !from_input).map(|file| file.display().to_string()).into_iter().collect();
        words.extend(["--queue".to_owned(), place.to_string(), "--name".to_owned(), name.to_owned()]);
        words.extend(of_machine);
        words.extend(result_words(result));
        Self { words, from_input, hides_password: place.hides_password() }
    }

    /// For a shell, and what must be added by hand. The list is needed again if it is not `loaded`.
    pub(super) fn words(&self, loaded: bool) -> String {
        let again = self.from_input && !loaded;
        let mut words = vec!["mta-sts", "scan"];
        words.extend(again.then_some("-"));
        words.extend(self.words.iter().map(String::as_str));
        let mut line = shell_line(&words);
        if again {
            line.push_str(", with the same list on standard input");
        }
        if self.hides_password {
            line.push_str(" (the password in PGPASSWORD)");
        }
        line
    }
}

fn result_words(result: &ResultArgs) -> Vec<String> {
    let scale = &result.scale;
    let given = [
        ("--format", result.format.map(word_of)),
        ("--what", result.what.map(word_of)),
        ("--severity", scale.severity.clone()),
        ("--max-age-profile", scale.max_age_profile.map(|profile| profile.to_string())),
        ("--output", result.writing.output.as_ref().map(|path| path.display().to_string())),
    ];
    let mut words: Vec<String> =
        given.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten().collect();
    words.extend(result.writing.hits.then(|| "--hits".to_owned()));
    words
}
