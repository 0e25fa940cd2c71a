//! `c66 backups`.

pub(crate) mod download;
mod find;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use croner::parser::{CronParser, Seconds};

use crate::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::backups::{
    BACKUP_OK, Backup, BackupFile, backup_status_name, restore_status_name, verify_status_name,
};
use crate::cloud66::endpoints::{
    BACKUP_FILES_LIST, BACKUP_FILES_SHOW, BACKUP_TARGETS, BACKUPS_CREATE, BACKUPS_IMPORT, BACKUPS_LIST, BACKUPS_SHOW,
    DATABASE_TYPES,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::with_field;
use crate::commands::backups::download::DownloadBackupArgs;
use crate::commands::backups::find::{address_of, list_request, newest_good, url_request};
use crate::commands::cells::code_cell;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, request_in_stack, show_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::output::cell::{Cell, Tone};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 backups …`
#[derive(Debug, Subcommand)]
pub(crate) enum BackupsCommand {
    /// List the backups of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 backups list -s awesome-app@production --db-type mysql"
    )]
    #[command(add = Verb::list(Backups::NOUN))]
    List {
        /// Only this backup group
        #[arg(long, value_name = "NUMBER")]
        group: Option<u64>,
        /// Only this database type
        #[arg(long, alias = "dbtype", value_name = "TYPE", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
        db_type: Option<String>,
        /// Only the newest successful backup
        #[arg(short, long)]
        latest: bool,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one backup
    #[command(after_help = "Example:\n  c66 backups show 4 -s awesome-app@production")]
    #[command(add = Verb::show(Backups::NOUN))]
    Show {
        /// ID of the backup
        #[arg(add = Backups::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the files of a backup
    #[command(after_help = "Example:\n  c66 backups files 4 -s awesome-app@production")]
    #[command(add = Verb::list(Files::NOUN))]
    Files {
        /// ID of the backup
        #[arg(add = Backups::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print signed URLs of the files of a backup
    #[command(after_help = "Example:\n  curl -o backup.tar \"$(c66 backups url 4 tar -s awesome-app@production)\"")]
    #[command(add = Verb::calls(&[&BACKUP_FILES_SHOW]))]
    Url {
        /// ID of the backup
        #[arg(add = Backups::NOUN.names())]
        id: u64,
        /// Id of one file [default: all]
        #[arg(add = Files::NOUN.names())]
        file: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Download a backup as a single file
    #[command(
        after_help = "Examples:\n  c66 backups download --latest -s awesome-app@production\n  c66 backups download 4 -s awesome-app@production -O - | tar -t\n  c66 backups download 4 -s awesome-app@production --extract --dir restored\n\nRun the same command again to resume an interrupted download."
    )]
    Download(Deferred<DownloadBackupArgs>),
    /// Create a backup task
    #[command(
        alias = "new",
        after_help = "Example:\n  c66 backups create --db-type mysql,redis --frequency '0 */6 * * *' --keep 10 -s awesome-app@production"
    )]
    Create(Deferred<CreateBackupArgs>),
    /// Import an external backup
    #[command(
        after_help = "Example:\n  c66 backups import --group 5 --db-type mysql --url https://example.org/dump.tar -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&BACKUPS_IMPORT]).asks(Asks::OnProduction))]
    Import {
        /// ID of the backup group to restore into
        #[arg(long, value_name = "NUMBER")]
        group: u64,
        /// Database type
        #[arg(long, alias = "dbtype", value_name = "TYPE", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
        db_type: String,
        /// URL of the backup file
        #[arg(long, value_name = "URL")]
        url: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// `c66 backups create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&BACKUPS_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct CreateBackupArgs {
    /// Database types to back up, or all
    #[arg(long, alias = "dbtypes", value_name = "TYPE,…", value_delimiter = ',', required = true, value_parser = PossibleValuesParser::new(BACKUP_TARGETS))]
    pub(crate) db_type: Vec<String>,
    /// Schedule in five cron fields
    #[arg(long, value_name = "CRON")]
    pub(crate) frequency: Option<String>,
    /// Number of earlier backups to keep
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<u64>,
    /// Compress with gzip
    #[arg(long)]
    pub(crate) gzip: bool,
    /// Tables to exclude
    #[arg(long, value_name = "TABLE,…", value_delimiter = ',')]
    pub(crate) exclude_tables: Vec<String>,
    /// Kind of backup: a binary copy of the files, or a text dump
    #[arg(long, value_name = "TYPE", value_parser = ["binary", "text"])]
    pub(crate) backup_type: Option<String>,
    /// Run on a replica, if there is one
    #[arg(long, alias = "run-on-replica")]
    pub(crate) on_replica: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Backups.
struct Backups;

impl Resource for Backups {
    type View = Backup;
    const NOUN: &'static Noun = &Noun::new::<Self>("backup", "backups")
        .listed_by(&BACKUPS_LIST)
        .shown_by(&BACKUPS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["db_type", "database_name", "backup_date_iso"]);
    const COLUMNS: &'static [Column<Backup>] =
        &[
            key(Column::number("id", "id for other commands", |backup| backup.id.into())),
            minor(Column::text("type", "type of the database", |backup| backup.db_type.clone().into())),
            Column::text("database", "name of the database", |backup| backup.database_name.clone().into()),
            Column::text("status", "status of the backup", |backup| {
                code_cell(backup.backup_status, backup_status_name, |code| {
                    if code == BACKUP_OK { Tone::Good } else { Tone::Bad }
                })
            }),
            Column::size("size", "size", |backup| backup.backup_size.map_or(Cell::Empty, Cell::Size)),
            Column::time("date", "when it was created", |backup| backup.backup_date_iso.clone().into()),
            minor(Column::text("restore", "state of the last restore", |backup| {
                code_cell(backup.restore_status, restore_status_name, later_tone)
            })),
            minor(Column::text("verify", "state of the last verification", |backup| {
                code_cell(backup.verify_status, verify_status_name, later_tone)
            })),
            wide(Column::text("result", "message about the status", |backup| backup.backup_result.clone().into())),
            wide(Column::flag("logical", "whether it is a text dump", |backup| backup.logical_backup.into())),
            wide(Column::text("server", "UID of the server", |backup| backup.server_uid.clone().into())),
            wide(Column::text("skipped_tables", "excluded tables", |backup| backup.skip_tables.clone().into())),
            wide(Column::text("path", "storage path", |backup| backup.storage_path.clone().into())),
        ];

    fn id(view: &Backup) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Tone of a code for a restore or verification: none, running, succeeded, failed.
fn later_tone(code: i64) -> Tone {
    match code {
        0 => Tone::Dim,
        1 => Tone::Busy,
        2 => Tone::Good,
        _ => Tone::Bad,
    }
}

/// Files of a backup.
struct Files;

impl Resource for Files {
    type View = BackupFile;
    const NOUN: &'static Noun =
        &Noun::new::<Self>("file", "files").listed_by(&BACKUP_FILES_LIST).named_by(&["id"]).told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<BackupFile>] = &[
        key(Column::text("id", "id for `backups url`", |file| file.id.clone().into())),
        key(Column::text("name", "name of the file", |file| file.name.clone().into())),
    ];

    fn id(view: &BackupFile) -> Option<String> {
        view.id.clone()
    }
}

/// Runs `c66 backups …`.
pub(crate) async fn run(context: &Context, command: BackupsCommand) -> Result<()> {
    match command {
        BackupsCommand::List { group, db_type, latest, stack, list } => {
            let Some(listing) = Listing::of::<Backups>(&context.printer, &list)? else { return Ok(()) };
            let read = async |target: &StackRef| {
                let client = context.cloud66().await?;
                if latest {
                    let newest = newest_good(client, target, group, db_type.as_deref()).await?;
                    return listing.print_documents(vec![newest]).await;
                }
                let request = list_request(target, group, db_type.as_deref())?;
                listing.print(client.pages(request, listing.max_items()), None).await
            };
            context.read_in_stack(&stack, read).await
        }
        BackupsCommand::Show { id, stack, show } => {
            let parts = [("backup_id", &*id.to_string())];
            show_in_stack::<Backups>(context, &stack, &show, &parts).await
        }
        BackupsCommand::Files { id, stack, list } => {
            let parts = [("backup_id", &*id.to_string())];
            list_in_stack::<Files>(context, &stack, &list, &parts).await
        }
        BackupsCommand::Url { id, file, stack } => {
            let target = context.stack(&stack, false).await?;
            let client = context.cloud66().await?;
            let files = match &file {
                Some(file) => vec![file.clone()],
                None => download::segments(client, &target, id).await?,
            };
            let mut documents = Vec::new();
            for file in &files {
                documents.push(client.fetch(&url_request(&target, id, file)?).await?);
            }
            print_urls(context, &documents, file.is_some() || files.len() == 1)
        }
        BackupsCommand::Create(Deferred(args)) => create(context, &args).await,
        BackupsCommand::Import { group, db_type, url, stack, write } => {
            reqwest::Url::parse(&url).map_err(|error| {
                Error::usage("invalid URL in --url")
                    .cause(error.to_string())
                    .hint("such as https://example.org/dump.tar")
            })?;
            context.printer.add_secret(&url);
            let target = context.stack_for_write(&stack, &write).await?;
            let mut request = request_in_stack(&target, &BACKUPS_IMPORT, &[])?;
            request = with_field(with_field(request, "group", group), "db_type", db_type.as_str());
            request = with_field(request, "remote_url", url.as_str());
            let prompt = format!("Import a {db_type} backup into group {group} of {}", target.label());
            queue(context, &target, &request, &prompt, &write).await
        }
        BackupsCommand::Download(Deferred(args)) => download::run(context, &args).await,
    }
}

fn check_cron(frequency: &str) -> Result<()> {
    CronParser::builder().seconds(Seconds::Disallowed).build().parse(frequency).map(drop).map_err(|error| {
        Error::usage(format!("invalid --frequency `{frequency}`"))
            .cause(error.to_string())
            .hint("expected five cron fields, such as '0 */6 * * *' for every six hours")
    })
}

async fn create(context: &Context, args: &CreateBackupArgs) -> Result<()> {
    if let Some(frequency) = &args.frequency {
        check_cron(frequency)?;
    }
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let mut request = request_in_stack(&target, &BACKUPS_CREATE, &[])?;
    request = with_field(request, "db_type", args.db_type.join(","));
    if let Some(frequency) = &args.frequency {
        request = with_field(request, "frequency", frequency.as_str());
    }
    if let Some(keep) = args.keep {
        request = with_field(request, "keep_count", keep);
    }
    if !args.exclude_tables.is_empty() {
        request = with_field(request, "excluded_tables", args.exclude_tables.join(","));
    }
    if let Some(kind) = &args.backup_type {
        request = with_field(request, "logical_backup", kind == "text");
    }
    for (name, wanted) in [("gzip", args.gzip), ("run_on_replica_server", args.on_replica)] {
        if wanted {
            request = with_field(request, name, true);
        }
    }
    let prompt = format!("Set up a backup of {} on {}", args.db_type.join(", "), target.label());
    queue(context, &target, &request, &prompt, &args.write).await
}

/// Sends a write that the API only queues.
async fn queue(context: &Context, target: &StackRef, request: &Request, prompt: &str, write: &WriteArgs) -> Result<()> {
    if !context.confirm_write(target, prompt, std::slice::from_ref(request), write).await? {
        return Ok(());
    }
    let reply = context.send(target, request).await?;
    let (globals, flag) = (&context.global_flags, target.flag());
    context.printer.note(&format!("View it with: c66{globals} backups list {flag}"));
    acknowledge(context.cloud66().await?.transport(), reply, "Queued.")
}

fn print_urls(context: &Context, documents: &[Document], single: bool) -> Result<()> {
    if context.printer.is_structured() {
        match documents {
            [one] if single => context.printer.document(one)?,
            many => context.printer.documents(many)?,
        }
    } else {
        let addresses: Vec<String> = documents.iter().map(address_of).collect::<Result<_>>()?;
        context.printer.texts("public_url", &addresses)?;
    }
    context.printer.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;
    use crate::test_text::text_from;

    proptest! {
        #[test]
        fn no_schedule_upsets_the_check(
            text in text_from(&["*", "*/", "/", "-", ",", " ", "0", "59", "60", "4294967296", "0-59/0", "L", "W", "#", "?", "MON", "JAN", "@daily", "@", "\t"])
        ) {
            if let Err(error) = check_cron(&text) {
                prop_assert_eq!(error.kind(), Kind::Usage);
            }
        }
    }
}
