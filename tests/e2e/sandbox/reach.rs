//! What lies beyond the grants: files, and credentials.

use tenon_host::capability::files::{Access, Root};
use tenon_host::capability::secret::Secret;
use tenon_host::capability::{Grants, Io};
use tenon_host::dispatch::Outcome::{Denied, NotFound, Unavailable};
use tenon_tests::connector::Plan;

use super::rig::{Op, Rig, TOKEN, granted};

fn with_files(folder: &std::path::Path) -> Plan {
    let mut grants = Grants::default();
    let root = Root::open(folder, Access::ReadOnly, Io::Inline).unwrap();
    grants.files.0.insert("root".into(), root);
    granted(grants)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_a_root() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(folder.path().join("outside"), "outside").unwrap();
    std::fs::write(root.join("inside"), "inside").unwrap();
    std::os::unix::fs::symlink("../outside", root.join("link")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("far-link")).unwrap();
    std::os::unix::fs::symlink("inside", root.join("good-link")).unwrap();
    for rig in Rig::both(|| with_files(&root)) {
        rig.assert_all_end(&[
            ("file root ../outside", Denied, ""),
            ("file root x/../../outside", NotFound, ""),
            ("file root /etc/passwd", Denied, ""),
            ("file root link", Denied, ""),
            ("file root far-link", Denied, ""),
            ("folder root ..", Denied, ""),
            ("file other inside", Denied, "no `files` grant"),
            ("remove root inside", Denied, "for reading"),
            ("std-file /etc/passwd", Unavailable, ""),
            ("std-file inside", Unavailable, ""),
        ])
        .await;
        for path in ["file root inside", "file root good-link"] {
            assert_eq!(rig.run(Op::Stat, path).await.unwrap(), "inside");
        }
        let names = rig.run(Op::Stat, "folder root ").await.unwrap();
        assert_eq!(names, "good-link inside");
    }
    assert!(root.join("inside").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_granted_stays_secret() {
    let plan = || {
        let secret = |reveal| Secret {
            value: "VALUE".into(),
            reveal,
        };
        let mut grants = Grants::default();
        grants
            .secrets
            .secrets
            .insert("hidden".into(), secret(false));
        grants.secrets.secrets.insert("shown".into(), secret(true));
        granted(grants)
    };
    for rig in Rig::both(plan) {
        rig.assert_all_end(&[
            ("reveal hidden", Denied, "no grant reveals"),
            ("reveal other", Denied, "no grant reveals"),
            ("reveal caller", Denied, "no grant reveals"),
            ("placeholder hidden", Denied, "no `http` grant"),
            ("placeholder caller", Denied, "no `http` grant"),
        ])
        .await;
        assert_eq!(rig.run(Op::Stat, "reveal shown").await.unwrap(), "VALUE");
    }
    let plan = || {
        let mut grants = Grants::default();
        grants.secrets.reveal_caller = true;
        granted(grants)
    };
    for rig in Rig::both(plan) {
        assert_eq!(rig.run(Op::Stat, "reveal caller").await.unwrap(), TOKEN);
    }
}
