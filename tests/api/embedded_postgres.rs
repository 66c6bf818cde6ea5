//! The private PostgreSQL: a real one, in a directory of its own for each test.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use motcua::platform::embedded_postgres::{Durability, EmbeddedError, EmbeddedPostgres, Options};
use tempfile::TempDir;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Tells the re-executed test binary which data directory to attach to.
const HOLD: &str = "MOTCUA_TEST_HOLD";

#[test]
fn the_first_use_makes_a_cluster_that_a_url_opens() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    server.ensure_database("motcua")?;
    server.ensure_database("motcua")?;
    let url = server.url("motcua");
    assert_eq!(ask(&server, &url, "SELECT current_user || ' ' || current_database()")?, "motcua motcua");
    assert_eq!(ask(&server, &url, "SHOW server_encoding")?, "UTF8");
    assert_eq!(ask(&server, &url, "SHOW data_checksums")?, "on");
    assert_eq!(ask(&server, &url, "SHOW listen_addresses")?, "");
    assert_eq!(ask(&server, &url, "SHOW max_connections")?, "20");
    assert_eq!(ask(&server, &url, "SHOW fsync")?, "off");
    Ok(server.detach()?)
}

#[test]
fn a_durable_server_waits_for_the_disk() -> Outcome {
    let place = Place::new()?;
    let options = Options { durability: Durability::Durable, ..place.options() };
    let server = EmbeddedPostgres::attach(&options)?;
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value = ask(&server, &server.url("postgres"), &format!("SHOW {setting}"))?;
        assert_eq!(value, "on", "{setting}");
    }
    Ok(())
}

#[test]
fn the_data_outlives_the_server() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    ask(&server, &server.url("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer")?;
    server.detach()?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT answer FROM kept")?, "42");
    Ok(())
}

#[test]
fn the_last_one_out_stops_the_server() -> Outcome {
    let place = Place::new()?;
    let first = place.attach()?;
    let second = place.attach()?;
    assert_eq!(first.url("postgres"), second.url("postgres"));
    first.detach()?;
    assert_eq!(ask(&second, &second.url("postgres"), "SELECT 1")?, "1");
    let url = second.url("postgres");
    let bin_dir = second.bin_dir().to_owned();
    drop(second);
    assert!(psql(&bin_dir, &url, "SELECT 1").is_err());
    assert!(place.pid().is_err());
    Ok(())
}

#[test]
fn a_second_process_shares_the_server() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    let mut holder = place.holder()?;
    let pid = place.pid()?;
    server.detach()?;
    assert_eq!(place.pid()?, pid);
    drop(holder.stdin.take());
    assert!(holder.wait()?.success());
    assert!(place.pid().is_err());
    Ok(())
}

#[test]
fn a_server_orphaned_by_a_kill_is_adopted() -> Outcome {
    let place = Place::new()?;
    let mut holder = place.holder()?;
    let pid = place.pid()?;
    holder.kill()?;
    holder.wait()?;
    let server = place.attach()?;
    assert_eq!(place.pid()?, pid);
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    server.detach()?;
    assert!(place.pid().is_err());
    Ok(())
}

#[test]
fn a_server_left_running_is_adopted() -> Outcome {
    let place = Place::new()?;
    place.attach()?.leave_running();
    let pid = place.pid()?;
    let server = place.attach()?;
    assert_eq!(place.pid()?, pid);
    server.detach()?;
    assert!(place.pid().is_err());
    Ok(())
}

#[test]
fn an_orphan_that_lost_its_socket_is_started_anew() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    let socket_dir = place.socket_dir()?;
    server.leave_running();
    fs::remove_dir_all(socket_dir)?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    Ok(())
}

#[test]
fn a_server_that_others_use_is_not_restarted_behind_their_backs() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    fs::remove_file(place.socket_dir()?.join(".s.PGSQL.5432"))?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::NotAnswering { .. })), "{refused:?}");
    Ok(server.detach()?)
}

#[test]
fn eight_first_attaches_at_once_end_with_one_server() -> Outcome {
    let place = Place::new()?;
    let servers = thread::scope(|scope| {
        let attaching: Vec<_> = (0..8).map(|_| scope.spawn(|| place.attach_and_ensure())).collect();
        attaching.into_iter().map(|thread| thread.join().map_err(|panic| format!("{panic:?}"))).collect::<Vec<_>>()
    });
    let mut held = Vec::new();
    for server in servers {
        held.push(server??);
    }
    assert_eq!(held.len(), 8);
    assert!(names_in(&place.home())?.iter().all(|name| !name.starts_with("cluster.")));
    thread::scope(|scope| {
        for server in held {
            scope.spawn(move || server.detach());
        }
    });
    assert!(place.pid().is_err());
    Ok(())
}

#[test]
fn a_half_made_cluster_is_set_aside() -> Outcome {
    let place = Place::new()?;
    let half_made = place.home().join("cluster.new-7");
    fs::create_dir_all(&half_made)?;
    fs::write(half_made.join("PG_VERSION"), "15\n")?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    assert!(place.home().join("cluster.broken-7/PG_VERSION").exists());
    assert!(!half_made.exists());
    Ok(())
}

#[test]
fn a_damaged_cluster_is_left_alone() -> Outcome {
    let place = Place::new()?;
    fs::create_dir_all(place.home().join("cluster/base"))?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::Damaged { .. })), "{refused:?}");
    assert!(place.home().join("cluster/base").exists());
    Ok(())
}

#[test]
fn a_stale_pid_that_passed_to_another_program_does_not_stop_the_start() -> Outcome {
    let place = Place::new()?;
    let socket_dir = place.make_socket_dir(0o700)?;
    let cluster = place.home().join("cluster");
    let owner = fs::metadata(&cluster)?.uid();
    let mut bystander = Command::new("cat");
    if is_root()? {
        bystander.uid(owner);
    }
    let mut bystander = bystander.stdin(Stdio::piped()).spawn()?;
    let pid = bystander.id();
    let dir = cluster.display();
    let lock = format!("{pid}\n{dir}\n1\n5432\n{}\n\n  1 1\nready   \n", socket_dir.display());
    fs::write(cluster.join("postmaster.pid"), &lock)?;
    fs::write(socket_dir.join(".s.PGSQL.5432.lock"), &lock)?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    server.detach()?;
    assert_eq!(bystander.try_wait()?, None, "the other program must not be stopped");
    drop(bystander.stdin.take());
    bystander.wait()?;
    Ok(())
}

#[test]
fn a_server_that_died_with_its_machine_recovers() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    ask(&server, &server.url("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer")?;
    let cluster = place.home().join("cluster");
    let lock = fs::read_to_string(cluster.join("postmaster.pid"))?;
    let (_, rest) = lock.split_once('\n').ok_or("one line")?;
    server.detach()?;
    // No process has the highest number of all.
    fs::write(cluster.join("postmaster.pid"), format!("4194304\n{rest}"))?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT answer FROM kept")?, "42");
    Ok(())
}

#[test]
fn an_empty_pid_file_does_not_stop_the_start() -> Outcome {
    let place = Place::new()?;
    place.attach()?.detach()?;
    fs::write(place.home().join("cluster/postmaster.pid"), "")?;
    let server = place.attach()?;
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    Ok(())
}

#[test]
fn a_failed_start_shows_the_end_of_the_log() -> Outcome {
    let place = Place::new()?;
    place.attach()?.detach()?;
    let conf = place.home().join("cluster/postgresql.conf");
    let settings = fs::read_to_string(&conf)?;
    fs::write(&conf, format!("{settings}\nno_such_setting = 1\n"))?;
    let refused = place.attach();
    let Err(error @ EmbeddedError::CannotStart { .. }) = refused else {
        return Err(format!("{refused:?}").into());
    };
    assert!(error.to_string().contains("no_such_setting"), "{error}");
    assert!(error.vi().contains("no_such_setting"));
    Ok(())
}

#[test]
fn a_long_and_odd_path_works() -> Outcome {
    let place = Place::new()?;
    let odd = format!("{}/hai ba $HOME 'x' \"y\" `z` Một cửa", "sáu mươi chữ ".repeat(12).trim());
    let data_dir = place.data_dir.join(odd);
    assert!(data_dir.as_os_str().len() > 150);
    let options = Options { data_dir, ..place.options() };
    let server = EmbeddedPostgres::attach(&options)?;
    server.ensure_database("motcua")?;
    assert_eq!(ask(&server, &server.url("motcua"), "SELECT 1")?, "1");
    Ok(server.detach()?)
}

#[test]
fn a_directory_closed_to_the_servers_user_sends_the_cluster_away() -> Outcome {
    if !is_root()? {
        return Ok(());
    }
    let place = Place::new()?;
    fs::set_permissions(place.dir.path(), fs::Permissions::from_mode(0o700))?;
    let server = place.attach()?;
    let home = server.home().to_owned();
    let told = fs::read_to_string(place.data_dir.join("postgres.where"))?;
    assert!(home.starts_with("/var/lib/motcua"), "{home:?}");
    assert_eq!(told.lines().next(), home.to_str());
    assert_eq!(ask(&server, &server.url("postgres"), "SELECT 1")?, "1");
    server.detach()?;

    // It stays there when the directory is opened later.
    fs::set_permissions(place.dir.path(), fs::Permissions::from_mode(0o755))?;
    let server = place.attach()?;
    assert_eq!(server.home(), home);
    server.detach()?;

    fs::remove_dir_all(&home)?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::HomeGone { .. })), "{refused:?}");
    Ok(())
}

#[test]
fn a_cluster_that_got_shut_in_is_not_replaced_by_an_empty_one() -> Outcome {
    if !is_root()? {
        return Ok(());
    }
    let place = Place::new()?;
    place.attach()?.detach()?;
    fs::set_permissions(place.dir.path(), fs::Permissions::from_mode(0o700))?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::Unreachable { .. })), "{refused:?}");
    Ok(())
}

#[test]
fn root_gives_the_server_to_an_unprivileged_user() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    let status = fs::metadata(Path::new("/proc").join(place.pid()?))?;
    assert_ne!(status.uid(), 0);
    Ok(server.detach()?)
}

#[test]
fn the_server_inherits_no_lock() -> Outcome {
    let place = Place::new()?;
    let _server = place.attach()?;
    let open_files = Path::new("/proc").join(place.pid()?).join("fd");
    for file in fs::read_dir(open_files)? {
        let target = fs::read_link(file?.path()).unwrap_or_default();
        assert_ne!(target.extension().and_then(|name| name.to_str()), Some("lock"), "{target:?}");
    }
    Ok(())
}

#[test]
fn a_socket_directory_open_to_others_is_refused() -> Outcome {
    let place = Place::new()?;
    let socket_dir = place.make_socket_dir(0o755)?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::SocketDirNotPrivate { .. })), "{refused:?}");
    fs::remove_dir(&socket_dir)?;
    Ok(())
}

#[test]
fn missing_programs_name_the_one_command() -> Outcome {
    let place = Place::new()?;
    let empty = Some(place.dir.path().to_owned());
    let refused = EmbeddedPostgres::attach(&Options { bin_dir: empty, ..place.options() });
    assert!(matches!(refused, Err(EmbeddedError::NoProgramsIn { .. })), "{refused:?}");
    let missing = EmbeddedError::MissingPrograms;
    assert!(missing.to_string().contains("sudo apt-get install postgresql"));
    assert!(missing.vi().contains("sudo apt-get install postgresql"));
    Ok(())
}

#[test]
fn programs_that_are_too_old_are_refused() -> Outcome {
    let place = Place::new()?;
    let bin = place.dir.path().join("bin");
    // A shell writes them: a file that this process has open for writing could not be run.
    let script = "mkdir \"$1\"; cd \"$1\"; for p in postgres initdb pg_ctl; do \
        printf '#!/bin/sh\\necho \"postgres (PostgreSQL) 13.4\"\\n' > $p; chmod +x $p; done";
    Command::new("/bin/sh").args(["-c", script, "sh"]).arg(&bin).status()?;
    let refused = EmbeddedPostgres::attach(&Options { bin_dir: Some(bin), ..place.options() });
    assert!(matches!(refused, Err(EmbeddedError::TooOld { found: 13, .. })), "{refused:?}");
    Ok(())
}

#[test]
fn a_cluster_of_another_version_is_refused() -> Outcome {
    let place = Place::new()?;
    place.attach()?.detach()?;
    fs::write(place.home().join("cluster/PG_VERSION"), "99\n")?;
    let refused = place.attach();
    assert!(matches!(refused, Err(EmbeddedError::OtherVersion { wanted: 99, .. })), "{refused:?}");
    Ok(())
}

#[test]
fn odd_database_names_are_refused_and_keywords_are_not() -> Outcome {
    let place = Place::new()?;
    let server = place.attach()?;
    for name in ["", "1st", "a b", "x\"; DROP", "Motcua", &"x".repeat(64)] {
        let refused = server.ensure_database(name);
        assert!(matches!(refused, Err(EmbeddedError::DatabaseName { .. })), "{name}");
    }
    server.ensure_database("user")?;
    assert_eq!(ask(&server, &server.url("user"), "SELECT 1")?, "1");
    Ok(())
}

/// Not a test of its own: attaches for a parent test until that closes the pipe or kills it.
#[test]
fn holds_a_server_for_its_parent() -> Outcome {
    let Some(data_dir) = std::env::var_os(HOLD) else {
        return Ok(());
    };
    let server = EmbeddedPostgres::attach(&options(data_dir.into()))?;
    println!("\nATTACHED");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(server.detach()?)
}

/// A data directory that the server's user can enter.
struct Place {
    dir: TempDir,
    data_dir: PathBuf,
}

impl Place {
    fn new() -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let data_dir = dir.path().canonicalize()?.join("data");
        fs::create_dir(&data_dir)?;
        fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o755))?;
        Ok(Self { dir, data_dir })
    }

    fn options(&self) -> Options {
        options(self.data_dir.clone())
    }

    fn attach(&self) -> Result<EmbeddedPostgres, EmbeddedError> {
        EmbeddedPostgres::attach(&self.options())
    }

    fn attach_and_ensure(&self) -> Result<EmbeddedPostgres, EmbeddedError> {
        let server = self.attach()?;
        server.ensure_database("motcua")?;
        Ok(server)
    }

    fn holder(&self) -> Outcome<Child> {
        let mut holder = Command::new(std::env::current_exe()?)
            .args(["--exact", "embedded_postgres::holds_a_server_for_its_parent", "--nocapture"])
            .env(HOLD, &self.data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(holder.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        while line.trim() != "ATTACHED" {
            line.clear();
            if output.read_line(&mut line)? == 0 {
                return Err("the holder did not attach".into());
            }
        }
        // Kept open, or the holder's last words would meet a closed pipe.
        thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Ok(holder)
    }

    fn home(&self) -> PathBuf {
        self.data_dir.join("postgres")
    }

    fn pid(&self) -> Outcome<String> {
        self.lock_line(0)
    }

    fn socket_dir(&self) -> Outcome<PathBuf> {
        Ok(self.lock_line(4)?.into())
    }

    /// Makes the socket's directory of a server that was stopped, with the given mode.
    fn make_socket_dir(&self, mode: u32) -> Outcome<PathBuf> {
        self.attach()?.leave_running();
        let dir = self.socket_dir()?;
        self.attach()?.detach()?;
        fs::create_dir(&dir)?;
        fs::set_permissions(&dir, fs::Permissions::from_mode(mode))?;
        let owner = fs::metadata(self.home().join("cluster"))?.uid();
        std::os::unix::fs::chown(&dir, Some(owner), None)?;
        Ok(dir)
    }

    fn lock_line(&self, number: usize) -> Outcome<String> {
        let lock = fs::read_to_string(self.home().join("cluster/postmaster.pid"))?;
        Ok(lock.lines().nth(number).ok_or("too short")?.to_owned())
    }
}

fn options(data_dir: PathBuf) -> Options {
    Options { data_dir, durability: Durability::Disposable, max_connections: 20, bin_dir: None, shared_buffers_mb: 16 }
}

fn ask(server: &EmbeddedPostgres, url: &str, sql: &str) -> Outcome<String> {
    psql(server.bin_dir(), url, sql)
}

fn psql(bin_dir: &Path, url: &str, sql: &str) -> Outcome<String> {
    let output = Command::new(bin_dir.join("psql")).args(["-X", "-A", "-t", "-q", "-c", sql, url]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn names_in(dir: &Path) -> Outcome<Vec<String>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn is_root() -> Outcome<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}
