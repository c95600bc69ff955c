//! Claims about attaching files to the pages of a wiki: what is on disk when, and what is refused.
//!
//! What the store promises about names and versions is in `store/acceptance/attaching.rs`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::history::Delete;
use crate::save::Save;
use crate::wiki::WikiSettings;

struct Bench {
    directory: TempDir,
    wiki: Wiki,
}

impl Bench {
    async fn new() -> Bench {
        Bench::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut WikiSettings)) -> Bench {
        let directory = tempfile::tempdir().unwrap();
        let wiki = Wiki::open(WikiSettings::new("team", directory.path()))
            .await
            .unwrap();
        let save = Save::new(page(), "text", 0, Author::named("Ada"), now());
        wiki.save(save).await.unwrap();
        let mut settings = wiki.settings().clone();
        change(&mut settings);
        let wiki = Wiki::open(settings).await.unwrap();
        Bench { directory, wiki }
    }

    async fn upload(&self, bytes: &[u8]) -> Result<Upload, AttachError> {
        let mut upload = self.wiki.begin_upload(now()).await?;
        for piece in bytes.chunks(100_000) {
            upload.write(piece).await?;
        }
        Ok(upload)
    }

    async fn attach(
        &self,
        name: &str,
        bytes: &[u8],
        overwrite: Overwrite,
    ) -> Result<Attachment, AttachError> {
        let attach = Attach {
            page: page(),
            file: FileName::parse(name).unwrap(),
            upload: self.upload(bytes).await?,
            overwrite,
            author: Author::named("Ada"),
            comment: "a\nb".into(),
            now: now(),
        };
        self.wiki.attach(attach).await
    }

    async fn bytes_of(&self, attachment: &Attachment) -> Vec<u8> {
        let blob = self.wiki.blob(attachment).await.unwrap();
        blob.read(0, usize::MAX).await.unwrap()
    }

    fn files(&self) -> Vec<String> {
        files_in(&self.directory.path().join("attachments"))
    }
}

fn files_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn page() -> PageName {
    PageName::parse("Page").unwrap()
}

/// Near the machine's time, because leftovers are told by their age.
fn now() -> Timestamp {
    let directory = tempfile::tempdir().unwrap();
    let made = std::fs::metadata(directory.path()).unwrap().modified().unwrap();
    Timestamp::try_from(made).unwrap()
}

#[tokio::test]
async fn an_attached_file_is_read_back_and_nobody_else_can_read_it_on_disk() {
    let bench = Bench::new().await;
    let bytes = b"0123456789".repeat(70_000);
    let made = bench
        .attach("long.txt", &bytes, Overwrite::Refused)
        .await
        .unwrap();
    assert_eq!(
        (made.version, made.bytes, made.comment.as_str()),
        (1, 700_000, "a b")
    );
    assert_eq!(
        (made.media_type.as_str(), made.shows()),
        ("text/plain", Shows::Text)
    );
    assert_eq!(bench.bytes_of(&made).await, bytes);
    let blob = bench.wiki.blob(&made).await.unwrap();
    assert_eq!(blob.read(699_995, 100).await.unwrap(), b"56789");
    assert!(blob.read(800_000, 100).await.unwrap().is_empty());

    let directory = bench.directory.path().join("attachments");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join(blobs::hexadecimal(&made.hash))), 0o600);
    assert_eq!(files_in(&directory.join("incoming")), Vec::<String>::new());
}

#[tokio::test]
async fn equal_files_are_kept_once_and_every_version_stays_readable() {
    let bench = Bench::new().await;
    let first = bench.attach("a.txt", b"same", Overwrite::Refused).await.unwrap();
    let second = bench.attach("b.txt", b"same", Overwrite::Refused).await.unwrap();
    let third = bench.attach("a.txt", b"other", Overwrite::Allowed).await.unwrap();
    assert_eq!(bench.files().len(), 3, "two blobs and a directory");
    assert_eq!(
        (bench.bytes_of(&first).await, bench.bytes_of(&second).await),
        (b"same".into(), b"same".into())
    );
    let versions = bench
        .wiki
        .attachment_versions(&page(), &third.file)
        .await
        .unwrap();
    assert_eq!(versions, [third, first]);
}

#[tokio::test]
async fn an_empty_file_can_be_attached() {
    let bench = Bench::new().await;
    let made = bench.attach("empty.txt", b"", Overwrite::Refused).await.unwrap();
    assert_eq!((made.bytes, bench.bytes_of(&made).await.len()), (0, 0));
}

#[tokio::test]
async fn a_file_that_is_too_large_ends_as_soon_as_that_is_known_and_leaves_nothing() {
    let bench = Bench::with(|settings| settings.max_attachment_bytes = 10).await;
    assert!(
        bench
            .attach("ok.txt", &[b'x'; 10], Overwrite::Refused)
            .await
            .is_ok()
    );
    let refused = bench.upload(&[b'x'; 11]).await.map(|_| ());
    assert!(matches!(refused, Err(AttachError::TooLarge { limit: 10 })));
    assert_eq!(
        files_in(&bench.directory.path().join("attachments/incoming")),
        Vec::<String>::new()
    );
    assert_eq!(bench.wiki.attachments(&page()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_after_a_day_and_not_before() {
    let bench = Bench::new().await;
    let incoming = bench.directory.path().join("attachments/incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    std::fs::write(incoming.join("left"), "half a file").unwrap();
    drop(bench.wiki.begin_upload(now()).await.unwrap());
    assert_eq!(files_in(&incoming), ["left"]);
    let later = now() + jiff::SignedDuration::from_hours(25);
    drop(bench.wiki.begin_upload(later).await.unwrap());
    assert_eq!(files_in(&incoming), Vec::<String>::new());
}

#[tokio::test]
async fn a_read_only_wiki_and_a_missing_page_take_no_files() {
    let bench = Bench::with(|settings| settings.read_only = true).await;
    assert!(matches!(
        bench.wiki.begin_upload(now()).await.map(|_| ()),
        Err(AttachError::ReadOnly)
    ));
    let bench = Bench::new().await;
    let delete = Delete {
        page: page(),
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    };
    let made = bench.attach("a.txt", b"a", Overwrite::Refused).await.unwrap();
    bench.wiki.delete(delete).await.unwrap();
    let refused = bench.attach("b.txt", b"b", Overwrite::Refused).await;
    assert!(matches!(refused, Err(AttachError::NoSuchPage(_))));
    assert_eq!(bench.wiki.attachments(&page()).await.unwrap(), []);
    assert_eq!(
        bench.wiki.attachment_versions(&page(), &made.file).await.unwrap(),
        []
    );
}

#[tokio::test]
async fn missing_or_shortened_bytes_are_told_and_a_new_upload_mends_them() {
    let bench = Bench::new().await;
    let made = bench.attach("a.txt", b"whole", Overwrite::Refused).await.unwrap();
    let path = bench
        .directory
        .path()
        .join("attachments")
        .join(blobs::hexadecimal(&made.hash));
    std::fs::write(&path, "who").unwrap();
    assert!(matches!(
        bench.wiki.blob(&made).await,
        Err(StoreError::Damaged { .. })
    ));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(
        bench.wiki.blob(&made).await,
        Err(StoreError::Damaged { .. })
    ));
    bench.attach("b.txt", b"whole", Overwrite::Refused).await.unwrap();
    assert_eq!(bench.bytes_of(&made).await, b"whole");
}

#[tokio::test]
async fn files_change_the_generations_of_the_wiki() {
    let bench = Bench::new().await;
    let look = || async {
        (
            bench.wiki.generation().await.unwrap(),
            bench.wiki.link_generation().await.unwrap(),
        )
    };
    let before = look().await;
    bench.attach("a.txt", b"one", Overwrite::Refused).await.unwrap();
    let attached = look().await;
    assert!(attached.0 != before.0 && attached.1 != before.1);
    bench.attach("a.txt", b"two", Overwrite::Allowed).await.unwrap();
    let overwritten = look().await;
    assert!(overwritten.0 != attached.0 && overwritten.1 == attached.1);
    let detach = Detach {
        page: page(),
        file: FileName::parse("a.txt").unwrap(),
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    };
    bench.wiki.detach(detach.clone()).await.unwrap();
    assert!(look().await.1 != overwritten.1);
    assert!(matches!(
        bench.wiki.detach(detach).await,
        Err(AttachError::NoSuchFile(_))
    ));
}

#[tokio::test]
async fn the_number_of_files_is_remembered_until_files_or_pages_come_and_go() {
    let bench = Bench::new().await;
    let is_remembered = async || {
        let generation = bench.wiki.link_generation().await.unwrap();
        bench.wiki.file_counts.find(generation).is_some()
    };
    let count = async || bench.wiki.attachment_count(&page()).await.unwrap();
    assert_eq!((count().await, is_remembered().await), (0, true));
    for (name, expected) in [("a.txt", 1), ("b.txt", 2)] {
        bench.attach(name, b"text", Overwrite::Refused).await.unwrap();
        assert!(!is_remembered().await, "{name}");
        assert_eq!((count().await, is_remembered().await), (expected, true));
    }
    let detach = Detach {
        page: page(),
        file: FileName::parse("a.txt").unwrap(),
        author: Author::named("Ada"),
        comment: String::new(),
        now: now(),
    };
    bench.wiki.detach(detach).await.unwrap();
    assert_eq!(count().await, 1);
    let delete = Delete {
        page: page(),
        author: Author::nobody(),
        comment: String::new(),
        now: now(),
    };
    bench.wiki.delete(delete).await.unwrap();
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn a_file_whose_name_is_taken_leaves_no_bytes_behind() {
    let bench = Bench::new().await;
    bench.attach("a.txt", b"first", Overwrite::Refused).await.unwrap();
    let before = bench.files();
    let refused = bench.attach("a.txt", b"second", Overwrite::Refused).await;
    assert!(matches!(refused, Err(AttachError::NameTaken(_))));
    assert_eq!(bench.files(), before);
}
