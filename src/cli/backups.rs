//! `c66 backups`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::stack::IdOrLatest;
use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::endpoints::{BACKUP_TARGETS, DATABASE_TYPES};

/// `c66 backups …`
#[derive(Debug, Subcommand)]
pub(crate) enum Backups {
    /// List the backups of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 backups list -s awesome-app --db-type mysql")]
    List {
        /// Only this backup group
        #[arg(long, value_name = "NUMBER")]
        group: Option<u64>,
        /// Only this type of database
        #[arg(long, alias = "dbtype", value_name = "TYPE", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
        db_type: Option<String>,
        /// Only the newest good backup
        #[arg(short, long)]
        latest: bool,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one backup
    #[command(after_help = "Example:\n  c66 backups show 4 -s awesome-app")]
    Show {
        /// Number of the backup
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the files of a backup
    #[command(after_help = "Example:\n  c66 backups files 4 -s awesome-app")]
    Files {
        /// Number of the backup
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print signed addresses of the files of a backup
    #[command(after_help = "Example:\n  curl -o backup.tar \"$(c66 backups url 4 tar -s awesome-app)\"")]
    Url {
        /// Number of the backup
        id: u64,
        /// Id of one file [default: all]
        file: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Download a backup as one whole file
    #[command(
        after_help = "Examples:\n  c66 backups download --latest -s awesome-app\n  c66 backups download 4 -s awesome-app -O - | tar -t\n  c66 backups download 4 -s awesome-app --extract --dir restored\n\nWhat was broken off goes on where it was when the same command is typed again."
    )]
    Download(Deferred<DownloadBackup>),
    /// Set up a new backup task
    #[command(
        alias = "new",
        after_help = "Example:\n  c66 backups create --db-type mysql,redis --frequency '0 */6 * * *' --keep 10 -s awesome-app"
    )]
    Create(Deferred<CreateBackup>),
    /// Import a backup made elsewhere
    #[command(
        after_help = "Example:\n  c66 backups import --group 5 --db-type mysql --url https://example.org/dump.tar -s awesome-app"
    )]
    Import {
        /// Number of the backup group it is restored into
        #[arg(long, value_name = "NUMBER")]
        group: u64,
        /// Type of the database
        #[arg(long, alias = "dbtype", value_name = "TYPE", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
        db_type: String,
        /// Address of the backup file
        #[arg(long, value_name = "URL")]
        url: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// `c66 backups download`
#[derive(Args, Debug)]
pub(crate) struct DownloadBackup {
    #[command(flatten)]
    pub(crate) which: IdOrLatest,
    /// With --latest: only this type of database
    #[arg(long, alias = "dbtype", value_name = "TYPE", requires = "latest", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
    pub(crate) db_type: Option<String>,
    /// File to write, - for stdout [default: backup-ID.tar]
    #[arg(short = 'O', long, value_name = "FILE", conflicts_with_all = ["dir", "extract"])]
    pub(crate) out: Option<PathBuf>,
    /// Folder to write into [default: this one]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Unpack it (tar, gzip) while it comes
    #[arg(long, conflicts_with_all = ["sha256", "no_resume"])]
    pub(crate) extract: bool,
    /// Write a checksum beside it, FILE.sha256
    #[arg(long)]
    pub(crate) sha256: bool,
    /// Connections at once, for a file
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: u8,
    #[command(flatten)]
    pub(crate) resume_args: ResumeArgs,
    /// Replace a file that is there already
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// What to do with what an earlier run left.
#[derive(Args, Debug)]
pub(crate) struct ResumeArgs {
    /// Go on where an earlier run was [default]
    #[arg(long, overrides_with = "no_resume")]
    pub(crate) resume: bool,
    /// Throw away what an earlier run left
    #[arg(long, overrides_with = "resume")]
    pub(crate) no_resume: bool,
}

/// `c66 backups create`
#[derive(Args, Debug)]
pub(crate) struct CreateBackup {
    /// Types of database to back up, or all
    #[arg(long, alias = "dbtypes", value_name = "TYPE,…", value_delimiter = ',', required = true, value_parser = PossibleValuesParser::new(BACKUP_TARGETS))]
    pub(crate) db_type: Vec<String>,
    /// Schedule, as the five fields of cron
    #[arg(long, value_name = "CRON")]
    pub(crate) frequency: Option<String>,
    /// How many earlier backups to keep
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<u64>,
    /// Compress with gzip
    #[arg(long)]
    pub(crate) gzip: bool,
    /// Tables to leave out
    #[arg(long, value_name = "TABLE,…", value_delimiter = ',')]
    pub(crate) exclude_tables: Vec<String>,
    /// Run on a replica, where there is one
    #[arg(long, alias = "run-on-replica")]
    pub(crate) on_replica: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}
