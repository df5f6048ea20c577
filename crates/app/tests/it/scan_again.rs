//! `scan`: what is kept with it, and what going on with it refuses or says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use crate::answerer::Answerer;
use crate::binary::{command, run_in, run_with};
use crate::house::House;

/// A directory with a list, and a scan of it that was stopped before its end: its resolver failed everything.
struct Begun {
    server: Answerer,
    dir: tempfile::TempDir,
}

impl Begun {
    fn with(more: &[&str]) -> Self {
        let (server, dir) = (Answerer::start(), tempfile::TempDir::new().expect("a directory"));
        let names: String = (0..200).map(|number| format!("hit{number}.example\n")).collect();
        fs::write(dir.path().join("my list.txt"), names).expect("written");
        let begun = Self { server, dir };
        begun.server.set_broken(true);
        let common =
            ["scan", "my list.txt", "--stage", "txt", "--patience", "1", "--resolver", &begun.server.address];
        let run = run_in(begun.dir.path(), &[&common[..], more].concat());
        begun.server.set_broken(false);
        assert_eq!(run.code, 3, "{run:?}");
        begun
    }

    fn resume(&self, more: &[&str]) -> crate::binary::Run {
        let words = ["scan", "--resume", "--store", "my list.txt.scan.sqlite"];
        run_in(self.dir.path(), &[&words[..], more].concat())
    }
}

#[test]
fn what_a_scan_began_with_need_not_be_said_again() {
    let begun =
        Begun::with(&["--rate", "5000", "--in-flight", "7", "--format", "csv", "-o", "out of it.csv"]);
    // The line that it prints is one for a shell, and is enough: resolver and rate are kept with the scan.
    let run = begun.resume(&["--patience", "600"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("patience: 600 from now on, 1 until now"), "{run:?}");
    assert!(!run.err.contains("rate"), "nothing is said of what stays: {run:?}");
    let begun = Begun::with(&["--hits", "-o", "it's.jsonl"]);
    begun.server.set_broken(true);
    let run = begun.resume(&["--hits", "-o", "it's.jsonl"]);
    let line = "mta-sts scan --resume --store 'my list.txt.scan.sqlite' --output 'it'\\''s.jsonl' --hits";
    assert!(run.code == 3 && run.err.contains(line), "{run:?}");
    begun.server.set_broken(false);
    // From another directory, as a shell reads it.
    let script = "cd / && exec \"$0\" scan --resume --no-config --store \"$1/my list.txt.scan.sqlite\" -q";
    let status = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_mta-sts")])
        .arg(begun.dir.path())
        .status();
    assert!(status.expect("sh runs").success());
}

#[test]
fn what_a_scan_that_goes_on_cannot_become() {
    let begun = Begun::with(&[]);
    for (words, said) in [
        (&["--profile", "basic"][..], "--profile"),
        (&["--input", "csv"], "--input"),
        (&["--rate", "none"], "--rate"),
    ] {
        let run = begun.resume(words);
        assert!(run.code == 2 && run.err.contains(said), "{words:?}: {run:?}");
    }
    // A list that is named is compared, also when it is loaded already.
    let again = ["scan", "my list.txt", "--resume"];
    // Another list, the same list after it was written to, and the same list.
    let list = begun.dir.path().join("my list.txt");
    let was = fs::read(&list).expect("there");
    let file = fs::File::options().write(true).open(&list).expect("opens");
    let time = file.metadata().expect("known").modified().expect("known");
    fs::write(begun.dir.path().join("other.txt"), "other.example\n").expect("written");
    let run =
        run_in(begun.dir.path(), &["scan", "other.txt", "--resume", "--store", "my list.txt.scan.sqlite"]);
    assert!(run.code == 2 && run.err.contains("octets"), "{run:?}");
    let mut changed = was.clone();
    changed[100] = b'x';
    fs::write(&list, &changed).expect("written");
    file.set_modified(time).expect("set");
    let run = run_in(begun.dir.path(), &again);
    assert!(run.code == 2 && run.err.contains("its content is another"), "{run:?}");
    fs::write(&list, &was).expect("written");
    file.set_modified(time + std::time::Duration::from_secs(9)).expect("set");
    let run = run_in(begun.dir.path(), &again);
    assert!(run.code == 2 && run.err.contains("last written"), "{run:?}");
    file.set_modified(time).expect("set");
    assert_eq!(begun.resume(&["--stage", "txt", "--input", "lines"]).code, 0);
    // Loaded by now: the list may be gone, and another one is still refused.
    let run =
        run_in(begun.dir.path(), &["scan", "other.txt", "--resume", "--store", "my list.txt.scan.sqlite"]);
    assert_eq!(run.code, 2, "{run:?}");
    fs::remove_file(&list).expect("removed");
    let run = run_in(begun.dir.path(), &["scan", "my list.txt", "--resume"]);
    assert!(run.code == 0 && run.err.contains("need not be"), "{run:?}");
}

#[test]
fn a_store_that_is_empty_is_begun_anew() {
    let server = Answerer::start();
    let dir = tempfile::TempDir::new().expect("a directory");
    fs::write(dir.path().join("list.txt"), "a.example\n").expect("written");
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address];
    // Killed after the file was made, and after its tables were.
    fs::write(dir.path().join("list.txt.scan.sqlite"), "").expect("written");
    let run = run_in(dir.path(), &["scan", "--resume", "--store", "list.txt.scan.sqlite"]);
    assert!(run.code == 2 && run.err.contains("give the list"), "{run:?}");
    let run = run_in(dir.path(), &[&scan[..], &["--resume"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    fs::write(dir.path().join("empty.sqlite"), "").expect("written");
    let run = run_in(dir.path(), &[&scan[..], &["--store", "empty.sqlite"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    // Somebody else's database stays as it is.
    let foreign = dir.path().join("foreign.sqlite");
    let run =
        run_in(dir.path(), &["scan", "export", "empty.sqlite", "--format", "sqlite", "-o", "foreign.sqlite"]);
    assert_eq!(run.code, 0, "{run:?}");
    let before = fs::read(&foreign).expect("there");
    let run = run_in(dir.path(), &[&scan[..], &["--store", "foreign.sqlite"]].concat());
    assert!(run.code == 2 && run.err.contains("holds no scan"), "{run:?}");
    assert!(before == fs::read(&foreign).expect("there"), "it was changed");
}

#[test]
fn names_without_an_answer_are_asked_for_again() {
    let (server, dir) = (Answerer::start(), tempfile::TempDir::new().expect("a directory"));
    fs::write(dir.path().join("list.txt"), "a.example\nfail.example\nhit.example\n").expect("written");
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address];
    let early = run_in(dir.path(), &[&scan[..], &["--retry-failed"]].concat());
    assert!(early.code == 2 && early.err.contains("--retry-failed"), "{early:?}");
    assert_eq!(run_in(dir.path(), &scan).code, 7);
    let before = server.asked("hit");
    let again = run_in(dir.path(), &[&scan[..], &["--resume", "--retry-failed"]].concat());
    assert!(
        again.code == 7 && again.err.contains("1 names without an answer are asked for again"),
        "{again:?}"
    );
    server.set_mended();
    let again = run_in(dir.path(), &[&scan[..], &["--resume", "--retry-failed"]].concat());
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(server.asked("hit"), before, "who had answered is not asked again");
}

#[test]
fn the_result_is_written_at_the_end() {
    let server = Answerer::start();
    let dir = tempfile::TempDir::new().expect("a directory");
    fs::write(dir.path().join("list.txt"), "a.example\nhit.example\n").expect("written");
    let scan = |store: &str, more: &[&str]| {
        let words = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address, "--store", store];
        run_in(dir.path(), &[&words[..], more].concat())
    };
    let file = scan("one", &["--format", "csv", "-o", "out.csv"]);
    assert!(file.code == 0 && file.out.contains("kept in one"), "{file:?}");
    let exported = run_in(dir.path(), &["scan", "export", "one", "--format", "csv"]);
    assert_eq!(fs::read_to_string(dir.path().join("out.csv")).expect("written"), exported.out);
    let piped = scan("two", &["--format", "jsonl", "--hits"]);
    assert!(
        piped.code == 0 && piped.out.lines().count() == 1 && piped.err.contains("kept in two"),
        "{piped:?}"
    );
    for (store, more, said) in [
        ("three", &["-o", "three"][..], "is the scan itself"),
        ("three", &["-o", "no/such/folder"], "--output"),
        ("three", &["--format", "csv", "--what", "evidence"], "--what evidence"),
    ] {
        // The store is there already in the first case.
        fs::write(dir.path().join(store), "").expect("written");
        let run = scan(store, more);
        assert!(run.code == 2 && run.err.contains(said), "{more:?}: {run:?}");
    }
    // The list itself.
    assert_eq!(scan("four", &["-o", "list.txt"]).code, 2);
}

#[test]
fn the_lab_is_scanned_offline() {
    let house = House::of(&["healthy"]);
    fs::write(house.file("list.txt"), "healthy.test\nmx-cert-expired.test\n").expect("written");
    let run = run_in(house.path(), &["scan", "list.txt", "--lab", "--no-config", "--format", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.out.contains("healthy.test,records,true,true,") && run.out.contains("mx_cert_expired"),
        "{run:?}"
    );
    assert!(!house.file("list.txt.scan.sqlite").exists() && !run.err.contains("kept in"), "{run:?}");
}

#[test]
fn a_name_that_is_there_twice_is_named_with_its_line() {
    let server = Answerer::start();
    let dir = tempfile::TempDir::new().expect("a directory");
    let names: String = (0..300).map(|number| format!("hit{number}.example\n")).collect();
    fs::write(dir.path().join("list.txt"), names).expect("written");
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address, "-o", "rows.jsonl"];
    assert_eq!(run_in(dir.path(), &scan).code, 0);
    let rows = fs::read_to_string(dir.path().join("rows.jsonl")).expect("written");
    let line = |at: usize| rows.lines().nth(at).expect("a row").to_owned() + "\n";
    fs::write(dir.path().join("twice.jsonl"), rows.clone() + &line(4)).expect("written");
    for words in [
        &["scan", "summary", "twice.jsonl"][..],
        &["scan", "judge", "twice.jsonl"],
        &["scan", "export", "twice.jsonl", "--format", "sqlite", "-o", "out.sqlite"],
        &["scan", "diff", "rows.jsonl", "twice.jsonl"],
        &["scan", "diff", "twice.jsonl", "rows.jsonl"],
    ] {
        let run = run_in(dir.path(), words);
        let said = "twice.jsonl, line 301: hit4.example was there already, on line 5";
        assert!(run.code == 2 && run.err.contains(said), "{words:?}: {run:?}");
    }
    let people = run_in(dir.path(), &["scan", "judge", "rows.jsonl", "--format", "human"]);
    assert!(people.code == 0 && people.out.contains("Verdicts") && people.out.contains("300"), "{people:?}");
    let near = run_with(&["scan", "summary", "-"], (line(7) + &line(7)).as_bytes());
    assert!(
        near.code == 2 && near.err.contains("line 2: hit7.example was there already, on line 1"),
        "{near:?}"
    );
    // Names of several scans, each once, are as good as one list; but places in the list are not.
    let other = line(1).replace("hit1.example", "other.example");
    fs::write(dir.path().join("joined.jsonl"), rows.clone() + &other).expect("written");
    assert_eq!(run_in(dir.path(), &["scan", "summary", "joined.jsonl"]).code, 0);
    let words = ["scan", "export", "joined.jsonl", "--format", "sqlite", "-o", "out.sqlite"];
    let run = run_in(dir.path(), &words);
    assert!(run.code == 2 && run.err.contains("several scans"), "{run:?}");
}

/// A folder that nobody may write to, not even root: it is mounted so, in a namespace of its own.
#[test]
fn a_store_that_may_only_be_read_is_read() {
    let may = std::process::Command::new("unshare").args(["--mount", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("left out: no mount namespace without root");
        return;
    }
    let server = Answerer::start();
    let dir = tempfile::TempDir::new().expect("a directory");
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("list.txt"), "a.example\nhit.example\n").expect("written");
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address];
    assert_eq!(run_in(&folder, &scan).code, 0);
    // As if a worker had died: its last commits are in the log.
    fs::copy(folder.join("list.txt.scan.sqlite"), folder.join("dead.sqlite")).expect("copied");
    fs::write(folder.join("dead.sqlite-wal"), "something").expect("written");
    let script = "mount --bind folder folder && mount -o remount,bind,ro folder || exit 99
        for verb in export summary judge; do \"$0\" scan $verb --no-config folder/list.txt.scan.sqlite; echo \"$verb $?\"; done
        \"$0\" scan summary --no-config folder/dead.sqlite; echo \"dead $?\"";
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_mta-sts")])
        .current_dir(dir.path())
        .output()
        .expect("unshare runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for said in ["hit.example", "export 0\n", "summary 0\n", "judge 0\n", "dead 2\n"] {
        assert!(out.contains(said), "{said}: {out}{err}");
    }
    assert!(err.contains("dead.sqlite-wal") && err.contains("copy both"), "{err}");
    assert_eq!(fs::metadata(&folder).expect("there").nlink(), 2, "nothing was made in it");
}

/// A PostgreSQL of its own, which can be stopped without disturbing others.
struct Postgres {
    dir: std::path::PathBuf,
    port: String,
}

impl Postgres {
    fn new() -> Self {
        // Not a private directory: the server runs as a user of its own.
        let dir = std::env::temp_dir().join(format!("mta-sts-again-{}", std::process::id()));
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        Self { dir, port: port.expect("a port").port().to_string() }
    }

    fn script(&self, name: &str, more: &[&str]) -> String {
        let script =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/realparts").join(name);
        let output = std::process::Command::new(script).arg(&self.dir).args(more).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").lines().last().unwrap_or_default().to_owned()
    }

    fn up(&self) -> String {
        self.script("pg-up", &[&self.port, "--while", &std::process::id().to_string()])
    }

    fn down(&self) {
        self.script("pg-down", &[]);
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.down();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn a_database_that_goes_away_is_waited_for() {
    if std::env::var("MTA_STS_TEST_POSTGRES").is_err() {
        eprintln!("PostgreSQL is left out: `cargo xtask test postgres` tests it too");
        return;
    }
    let (postgres, server) = (Postgres::new(), Answerer::start());
    let url = postgres.up();
    let dir = tempfile::TempDir::new().expect("a directory");
    let names: String = (0..40_000).map(|number| format!("n{number}.example\n")).collect();
    fs::write(dir.path().join("list.txt"), &names).expect("written");
    let words = [
        "scan",
        "list.txt",
        "--queue",
        &url,
        "--stage",
        "txt",
        "--resolver",
        &server.address,
        "--in-flight",
        "32",
    ];
    let mut child = command(&words)
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    server.wait_for(5_000, &mut child);
    postgres.down();
    let mut talk = BufReader::new(child.stderr.take().expect("a pipe"));
    let (mut said, mut line) = (false, String::new());
    while !said && talk.read_line(&mut line).expect("UTF-8") > 0 {
        said = line.contains("does not answer") && line.contains("trying again");
        line.clear();
    }
    assert!(said, "it ended without a word on the database");
    assert!(matches!(child.try_wait(), Ok(None)), "it did not wait");
    postgres.up();
    let rest: Vec<String> = talk.lines().map_while(Result::ok).collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{rest:?}");
    let rows = run_in(dir.path(), &["scan", "export", &url, "--name", "list.txt", "--format", "csv"]);
    assert_eq!((rows.code, rows.out.lines().count()), (0, 40_001), "{}", rows.err);
}
