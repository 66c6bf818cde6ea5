use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::schema::notices;
use rustix::process::{getgid, getuid};
use tempfile::TempDir;

use super::beside::{Beside, free_port};
use crate::notices::given::{House, People, gateway};

/// `nobody`: Exim delivers nothing as root.
const NOBODY: u32 = 65534;

/// Exim with a mailbox of `an@` and `later@example.vn`; it ends with the test.
struct Exim {
    port: u16,
    log: Beside,
    _daemon: Beside,
    dir: TempDir,
}

impl Exim {
    fn start() -> Self {
        let (dir, port) = (tempfile::Builder::new().permissions(readable()).tempdir().unwrap(), free_port());
        let (user, group) = match getuid().is_root() {
            true => (NOBODY, NOBODY),
            false => (getuid().as_raw(), getgid().as_raw()),
        };
        for name in ["spool", "mail", "log"] {
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let config = dir.path().join("exim.conf");
        std::fs::write(&config, config_of(dir.path(), port, (user, group))).unwrap();
        let log = Beside::start(Command::new("tail").args(["-n", "+1", "-F"]).arg(dir.path().join("log/mainlog")));
        let daemon = Beside::start(Command::new("/usr/sbin/exim4").arg("-C").arg(&config).arg("-bdf"));
        log.says("listening for SMTP");
        Self { port, log, _daemon: daemon, dir }
    }

    fn mailbox(&self) -> PathBuf {
        self.dir.path().join("mail/inbox")
    }

    /// Waits until a mail has been delivered; returns its Message-ID, subject and text as Python reads them.
    fn delivered(&self) -> Vec<String> {
        self.log.says("Completed");
        let program = "import mailbox, sys, email, email.policy\n\
            for raw in mailbox.mbox(sys.argv[1]):\n\
            \x20   mail = email.message_from_bytes(raw.as_bytes(), policy=email.policy.default)\n\
            \x20   text = ' '.join(mail.get_body('plain').get_content().split())\n\
            \x20   print(mail['Message-ID'], mail['To'], mail['Subject'], text, sep='\\n')";
        let read = Command::new("/usr/bin/python3").args(["-c", program]).arg(self.mailbox()).output().unwrap();
        String::from_utf8(read.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// From now on mail for `later@` is taken.
    fn let_in(&self) {
        std::fs::write(self.dir.path().join("let-in"), "").unwrap();
    }
}

/// Whoever delivers as `nobody` must get to the mailbox.
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}

/// Nothing is looked up, relayed or written outside `dir`.
fn config_of(dir: &Path, port: u16, (user, group): (u32, u32)) -> String {
    let dir = dir.display();
    format!(
        "primary_hostname = mail.example.vn\nexim_user = {user}\nexim_group = {group}\nadmin_groups = {group}\n\
         never_users =\ndeliver_drop_privilege = true\nkeep_environment =\n\
         spool_directory = {dir}/spool\nlog_file_path = {dir}/log/%slog\npid_file_path = {dir}/exim.pid\n\
         local_interfaces = 127.0.0.1\ndaemon_smtp_ports = {port}\n\
         tls_advertise_hosts =\nhost_lookup =\nrfc1413_hosts =\nrfc1413_query_timeout = 0s\n\
         domainlist local_domains = example.vn\nacl_smtp_rcpt = recipient\nacl_smtp_data = data\n\
         begin acl\n\
         recipient:\n\
         \x20 defer local_parts = later\n\
         \x20       condition = ${{if exists{{{dir}/let-in}}{{no}}{{yes}}}}\n\
         \x20       message = 4.7.1 come back later\n\
         \x20 require domains = +local_domains\n\
         \x20 require verify = recipient\n\
         \x20 accept\n\
         data:\n\
         \x20 accept\n\
         begin routers\n\
         people:\n\
         \x20 driver = accept\n\
         \x20 local_parts = an : later\n\
         \x20 transport = inbox\n\
         \x20 cannot_route_message = unknown user\n\
         begin transports\n\
         inbox:\n\
         \x20 driver = appendfile\n\
         \x20 file = {dir}/mail/inbox\n"
    )
}

fn house(exim: &Exim, security: &str) -> House {
    let table = format!("kind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"{security}\"\n", exim.port);
    House::new(|config| drop(config.gateways.insert("mail".to_owned(), gateway(&table))))
}

fn one_mail(house: &House, to: &str) -> NoticeId {
    let people = People { flags: (false, true), phone: None, email: Some(to), submitter: None };
    let dossier = house.dossier("H48.24-260925-0001", &people);
    assert_eq!(house.enqueue(&house.cause(dossier, Purpose::ResultEarly)), 1);
    notices::table.select(notices::id).first(&mut house.conn()).unwrap()
}

#[tokio::test]
async fn a_mail_lies_in_the_mailbox_as_it_was_written_under_the_name_of_its_notice() {
    let exim = Exim::start();
    let house = house(&exim, "none");
    let id = one_mail(&house, "an@example.vn");
    assert_eq!(house.drain().await.sent, 1);
    let (name, subject) = (format!("<{id}@motcua.invalid>"), "Hồ sơ H48.24-260925-0001 đã có kết quả sớm");
    let delivered = exim.delivered();
    assert_eq!(delivered[..3], [name.as_str(), "an@example.vn", subject]);
    let words =
        "Kính gửi Ông/Bà, Hồ sơ H48.24-260925-0001 đã có kết quả trước hạn. Mời Ông/Bà đến Trung tâm PVHCC tỉnh";
    assert!(delivered[3].starts_with(words), "{}", delivered[3]);
}

#[tokio::test]
async fn nobody_of_this_name_ends_a_mail_and_says_why() {
    let exim = Exim::start();
    let house = house(&exim, "none");
    let id = one_mail(&house, "gone@example.vn");
    assert_eq!(house.drain().await.failed, 1);
    assert_eq!(house.outcomes(id), ["recipient"]);
    let (status, reason): (NoticeStatus, Option<String>) =
        notices::table.find(id).select((notices::status, notices::reason)).first(&mut house.conn()).unwrap();
    assert_eq!((status, reason.as_deref()), (NoticeStatus::Failed, Some("SMTP 550")));
    exim.log.says("rejected RCPT <gone@example.vn>: unknown user");
}

#[tokio::test]
async fn a_server_that_says_later_gets_the_same_mail_later() {
    let exim = Exim::start();
    let house = house(&exim, "none");
    let id = one_mail(&house, "later@example.vn");
    assert_eq!(house.drain().await.retried, 1);
    exim.let_in();
    house.app.pass(TimeDelta::seconds(13));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(house.outcomes(id), ["not_sent", "accepted"]);
    assert_eq!(exim.delivered()[0], format!("<{id}@motcua.invalid>"));
}

#[tokio::test]
async fn where_a_protected_way_is_wanted_and_none_is_offered_no_mail_leaves() {
    let exim = Exim::start();
    let house = house(&exim, "starttls");
    let id = one_mail(&house, "an@example.vn");
    assert_eq!(house.drain().await.retried, 1);
    assert_eq!(house.outcomes(id), ["not_sent"]);
    assert!(!exim.mailbox().exists());
}
