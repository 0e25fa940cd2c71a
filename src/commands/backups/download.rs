//! `c66 backups download`: a backup as a single file, as a stream, or unpacked.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::args::{IdOrLatest, ShowArgs, StackArgs};
use crate::cloud66::Cloud66;
use crate::cloud66::backups::{Backup, BackupFile};
use crate::cloud66::endpoints::{BACKUP_FILES_LIST, BACKUP_FILES_SHOW, DATABASE_TYPES};
use crate::cloud66::envelope::Document;
use crate::commands::backups::Backups;
use crate::commands::backups::find::{address_of, files_request, find_backup, url_request};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::download::extract::Unpacker;
use crate::download::file::Download;
use crate::download::partial_file::{PartialFile, ResumeMode};
use crate::download::{DownloadOrder, stream};
use crate::error::{Error, Kind, Result};
use crate::files::private::create_dirs;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key};
use crate::signals::let_terminal_settle;
use crate::text::bytes::parse_bytes;
use crate::text::format::format_size;
use crate::text::quote::shell_quote;

/// `c66 backups download`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&BACKUP_FILES_LIST, &BACKUP_FILES_SHOW]).prints(Backups::NOUN))]
pub(crate) struct DownloadBackupArgs {
    #[command(flatten)]
    pub(crate) which: IdOrLatest,
    /// With --latest: only this database type
    #[arg(long, alias = "dbtype", value_name = "TYPE", requires = "latest", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
    pub(crate) db_type: Option<String>,
    /// File to write, - for stdout [default: backup-ID.tar]
    #[arg(short = 'O', long, value_name = "FILE", conflicts_with_all = ["dir", "extract"])]
    pub(crate) out: Option<PathBuf>,
    /// Folder to write into [default: the current one]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Unpack (tar, gzip) while downloading
    #[arg(long, conflicts_with_all = ["sha256", "no_resume"])]
    pub(crate) extract: bool,
    /// Write a checksum to FILE.sha256
    #[arg(long)]
    pub(crate) sha256: bool,
    /// Number of parallel connections
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
    /// Minimum download rate per second over a minute, such as 20kB; 0 for none
    #[arg(long, value_name = "BYTES", default_value = "1KiB", value_parser = parse_min_rate)]
    pub(crate) min_rate: u64,
    #[command(flatten)]
    pub(crate) resume_args: ResumeArgs,
    /// Overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

fn parse_min_rate(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| format!("invalid size `{text}`: use a form such as 500, 20kB or 1MiB"))
}

/// What to do with a partial download.
#[derive(Args, Debug)]
pub(crate) struct ResumeArgs {
    /// Resume an earlier download [default]
    #[arg(long, overrides_with = "no_resume")]
    pub(crate) resume: bool,
    /// Discard a partial download and start over
    #[arg(long, overrides_with = "resume")]
    pub(crate) no_resume: bool,
}

/// Runs `c66 backups download`.
pub(crate) async fn run(context: &Context, args: &DownloadBackupArgs) -> Result<()> {
    if args.out.as_deref() == Some(Path::new("-")) {
        if context.printer.stdout_is_terminal() {
            return Err(
                Error::usage("refusing to write a backup to a terminal").hint("pass -O FILE, or pipe the output")
            );
        }
        if args.sha256 {
            return Err(Error::usage("--sha256 needs an output file").hint("pipe the output through tee and sha256sum"));
        }
    }
    let target = context.stack(&args.stack, false).await?;
    let client = context.cloud66().await?;
    let backup = find_backup(client, &target, &args.which, args.db_type.as_deref()).await?;
    let id = backup.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned a backup without an id"))?;
    let job = BackupDownload { context, client, target, backup, id, min_rate: args.min_rate };
    if args.extract {
        job.unpack(args).await
    } else if args.out.as_deref() == Some(Path::new("-")) {
        job.stream().await
    } else {
        job.save(args).await
    }
}

/// A backup to download.
struct BackupDownload<'c> {
    context: &'c Context,
    client: &'c Cloud66,
    target: StackRef,
    backup: Backup,
    id: u64,
    min_rate: u64,
}

impl BackupDownload<'_> {
    async fn order(&self) -> Result<DownloadOrder> {
        Ok(DownloadOrder {
            label: format!("backup {} of {}", self.id, self.target.label()),
            segments: segments(self.client, &self.target, self.id).await?,
            total: self.backup.backup_size.filter(|size| *size > 0),
            min_rate: self.min_rate,
        })
    }

    /// The signed URL of a segment.
    async fn address(&self, segment: String) -> Result<String> {
        let document = self.client.fetch(&url_request(&self.target, self.id, &segment)?).await?;
        let address = address_of(&document)?;
        self.context.printer.add_secret(&address);
        Ok(address)
    }

    async fn stream(&self) -> Result<()> {
        let order = self.order().await?;
        let printer = &self.context.printer;
        let transport = self.client.transport();
        let take = async |chunk: hyper::body::Bytes| printer.write(|out| out.write_all(&chunk));
        stream::download(transport, &order, |segment| self.address(segment), take).await?;
        printer.flush()
    }

    async fn unpack(&self, args: &DownloadBackupArgs) -> Result<()> {
        let folder = args.dir.as_deref().unwrap_or(Path::new("."));
        let order = self.order().await?;
        let transport = self.client.transport();
        // Held for as long as there is a folder that a signal must not leave behind.
        let guard = self.context.signals.guard()?;
        let mut unpacker = Unpacker::start(folder, &format!("backup-{}", self.id))?;
        let length = {
            let work = async {
                let take = async |chunk| unpacker.push(chunk).await;
                let length = stream::download(transport, &order, |segment| self.address(segment), take).await?;
                unpacker.wait().await.map(|()| length)
            };
            // The progress line is removed on drop, which must wait until the terminal has settled.
            let mut work = pin!(work);
            tokio::select! {
                biased;
                signal = guard.signal() => {
                    let_terminal_settle().await;
                    return Err(signal.error("the download was interrupted; nothing was unpacked"));
                }
                length = &mut work => length?,
            }
        };
        let files = unpacker.finish(args.force).await?;
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let document = serde_json::json!({ "ok": true, "backup": self.id, "files": names, "bytes": length });
        self.print(&files, &Document::from_value(&document))
    }

    async fn save(&self, args: &DownloadBackupArgs) -> Result<()> {
        // Never a name from the API: it could be a path to anywhere.
        let name = || args.dir.clone().unwrap_or_default().join(format!("backup-{}.tar", self.id));
        let path = args.out.clone().unwrap_or_else(name);
        if let Some(dir) = &args.dir {
            create_dirs(dir, 0o777).map_err(|error| Error::local_file(format!("create {}", dir.display()), &error))?;
        }
        let transport = self.client.transport();
        // The private sandbox has another port each time.
        let root = if self.context.sandboxed { "the sandbox" } else { transport.root().as_str() };
        let origin = format!("{root}/stacks/{}/backups/{}", self.target.uid, self.id);
        let earlier = if args.resume_args.no_resume { ResumeMode::Restart } else { ResumeMode::Resume };
        let mut part = PartialFile::open(&path, &origin, args.force, earlier)?;
        if args.sha256 {
            part.keep_in_page_cache();
        }
        let order = self.order().await?;
        let download = Download::new(&order, part)?;
        let guard = self.context.signals.guard()?;
        let outcome = {
            let mut run = pin!(download.run(transport, args.parallel.into(), |segment| self.address(segment)));
            tokio::select! {
                biased;
                signal = guard.signal() => {
                    let_terminal_settle().await;
                    Err(signal.error("the download was interrupted"))
                }
                outcome = &mut run => outcome,
            }
        };
        match outcome {
            Ok(length) => self.finish(download.into_partial_file(), &path, length, args.sha256),
            Err(error) => Err(self.keep_partial(download, error, args, &path)),
        }
    }

    fn finish(&self, part: PartialFile, path: &Path, length: u64, with_checksum: bool) -> Result<()> {
        let checksum = with_checksum.then(|| part.sha256()).transpose()?;
        part.finish(length, checksum.as_deref())?;
        let mut document =
            serde_json::json!({ "ok": true, "backup": self.id, "file": path.display().to_string(), "bytes": length });
        if let Some(checksum) = checksum {
            document["sha256"] = checksum.into();
        }
        self.print(std::slice::from_ref(&path.to_owned()), &Document::from_value(&document))
    }

    /// Keeps the partial file and returns the error with a hint to resume.
    fn keep_partial(&self, download: Download<'_>, error: Error, args: &DownloadBackupArgs, path: &Path) -> Error {
        let is_whole = download.is_whole();
        let there = match download.suspend() {
            Ok(0) => return error,
            Ok(there) => there,
            // The last journal entry is valid; the first failure is the one to report.
            Err(_) => return error.hint("run the same command again to resume"),
        };
        if is_whole {
            return error.hint(format!("the partial file is {}.part", path.display()));
        }
        let mut again = format!("c66{} backups download {} {}", self.context.global_flags, self.id, self.target.flag());
        if args.out.is_some() {
            let _ = write!(again, " -O {}", shell_quote(&path.to_string_lossy()));
        } else if let Some(dir) = &args.dir {
            let _ = write!(again, " --dir {}", shell_quote(&dir.to_string_lossy()));
        }
        error.hint(format!("{} saved; resume with: {again}", format_size(there)))
    }

    /// Prints the paths of the files.
    fn print(&self, files: &[PathBuf], document: &Document) -> Result<()> {
        let printer = &self.context.printer;
        if printer.is_structured() {
            printer.document(document)?;
        } else if matches!(printer.format(), Format::Table | Format::Wide | Format::Name) {
            for file in files {
                let name = file.to_string_lossy();
                printer.write(|out| writeln!(out, "{}", crate::text::sanitize::sanitize(&name)))?;
            }
        } else {
            return show::<Saved>(printer, &ShowArgs::default(), document.clone());
        }
        printer.flush()
    }
}

/// The downloaded files.
struct Saved;

#[derive(serde::Deserialize)]
struct SavedFiles {
    backup: u64,
    #[serde(default)]
    file: String,
    #[serde(default)]
    files: Vec<String>,
    bytes: u64,
    sha256: Option<String>,
}

impl Resource for Saved {
    type View = SavedFiles;
    const NOUN: &'static Noun = &Noun::new::<Self>("file", "files");
    const COLUMNS: &'static [Column<SavedFiles>] = &[
        key(Column::text("backup", "number of the backup", |saved| Cell::from(saved.backup))),
        key(Column::text("file", "path of the file", |saved| {
            if saved.files.is_empty() { saved.file.as_str().into() } else { saved.files.join(", ").into() }
        })),
        Column::size("bytes", "size", |saved| Cell::Size(saved.bytes)),
        Column::text("sha256", "SHA-256 checksum, with --sha256", |saved| saved.sha256.clone().into()),
    ];

    fn id(view: &SavedFiles) -> Option<String> {
        Some(view.file.clone())
    }
}

/// The ids of the files of a backup, in the order in which they are joined.
pub(super) async fn segments(client: &Cloud66, target: &StackRef, id: u64) -> Result<Vec<String>> {
    let files = client.fetch_all(files_request(target, id)?).await?;
    let mut ids = Vec::new();
    for file in &files {
        let file: BackupFile = file.view()?;
        ids.push(file.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned a backup file without an id"))?);
    }
    if ids.is_empty() {
        return Err(
            Error::not_found(format!("backup {id} of {} has no files", target.label())).hint("see c66 backups list")
        );
    }
    // `split` names its parts so that this is their order; the API promises none.
    ids.sort_by(|a, b| compare_segments(a, b));
    Ok(ids)
}

fn compare_segments(a: &str, b: &str) -> Ordering {
    // A shorter suffix comes first: otherwise `tar-z` would sort before `tar-aa`.
    let suffix = |id: &str| id.rsplit_once('-').map_or(0, |(_, suffix)| suffix.len());
    suffix(a).cmp(&suffix(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::compare_segments;

    #[test]
    fn parts_are_joined_in_the_order_of_split() {
        let mut ids = ["tar-ab", "tar-zz", "tar-aaa", "tar-aa", "tar-ba"];
        ids.sort_by(|a, b| compare_segments(a, b));
        assert_eq!(ids, ["tar-aa", "tar-ab", "tar-ba", "tar-zz", "tar-aaa"]);
    }
}
