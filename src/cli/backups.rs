//! `c66 backups`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use super::stack::Which;
use crate::cloud66::endpoints::{BACKUP_TARGETS, DATABASE_TYPES};

/// `c66 backups …`
#[derive(Debug, Subcommand)]
pub enum Backups {
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
        after_help = "Examples:\n  c66 backups download --latest -s awesome-app\n  c66 backups download 4 -s awesome-app -O - | tar -t"
    )]
    Download {
        #[command(flatten)]
        which: Which,
        /// With --latest: only this type of database
        #[arg(long, alias = "dbtype", value_name = "TYPE", requires = "latest", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
        db_type: Option<String>,
        /// File to write, - for stdout [default: the name of the backup]
        #[arg(short = 'O', long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Replace a file that is there already
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Set up a new backup task
    #[command(
        alias = "new",
        after_help = "Example:\n  c66 backups create --db-type mysql,redis --frequency '0 */6 * * *' --keep 10 -s awesome-app"
    )]
    Create(CreateBackup),
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

/// `c66 backups create`
#[derive(Args, Debug)]
pub struct CreateBackup {
    /// Types of database to back up, or all
    #[arg(long, alias = "dbtypes", value_name = "TYPE,…", value_delimiter = ',', required = true, value_parser = PossibleValuesParser::new(BACKUP_TARGETS))]
    pub db_type: Vec<String>,
    /// Schedule, as the five fields of cron
    #[arg(long, value_name = "CRON")]
    pub frequency: Option<String>,
    /// How many earlier backups to keep
    #[arg(long, value_name = "N")]
    pub keep: Option<u64>,
    /// Compress with gzip
    #[arg(long)]
    pub gzip: bool,
    /// Tables to leave out
    #[arg(long, value_name = "TABLE,…", value_delimiter = ',')]
    pub exclude_tables: Vec<String>,
    /// Run on a replica, where there is one
    #[arg(long, alias = "run-on-replica")]
    pub on_replica: bool,
    #[command(flatten)]
    pub stack: StackArgs,
    #[command(flatten)]
    pub write: WriteArgs,
}
