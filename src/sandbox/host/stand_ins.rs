//! Programs of the sandbox's servers that are not those of the machine.

/// Programs that would change the machine, or that a server has and the machine may lack.
const TOLD: [&str; 12] = [
    "systemctl",
    "service",
    "initctl",
    "reboot",
    "shutdown",
    "halt",
    "poweroff",
    "init",
    "telinit",
    "crontab",
    "ps",
    "top",
];

/// Says what it would run.
const TELL: &str = "#!/bin/sh\necho \"sandbox: would run ${0##*/} $*\"\n";

/// Runs the rest of its words.
const SUDO: &str = r#"#!/bin/sh
while :; do
    case $1 in
        -u|-g|-C|-p|-h) shift; [ $# -gt 0 ] && shift ;;
        --) shift; break ;;
        -*|*=*) case $1 in *=*) export "$1" ;; esac; shift ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || exec sh
exec "$@"
"#;

/// The machine's list of users is out of reach.
const WHOAMI: &str = "#!/bin/sh\necho \"${USER:-root}\"\n";

/// Runs commands of containers in the folder of the server, and shows a log for theirs.
const DOCKER: &str = r#"#!/bin/sh
verb=$1; [ $# -gt 0 ] && shift
case $verb in
    exec)
        while :; do
            case $1 in
                -u|-w|-e|--user|--workdir|--env) shift; [ $# -gt 0 ] && shift ;;
                -*) shift ;;
                *) break ;;
            esac
        done
        [ $# -gt 0 ] && shift
        [ $# -gt 0 ] && exec "$@" ;;
    logs)
        lines=50; follow=
        while [ $# -gt 1 ]; do
            case $1 in
                --tail|-n) lines=$2; shift ;;
                --since) shift ;;
                -f|--follow) follow=-F ;;
            esac
            shift
        done
        exec tail -n "$lines" $follow "${HOME%/*}/var/log/syslog" ;;
    *) echo "sandbox: would run docker $verb $*" ;;
esac
"#;

/// Does for pods what docker does for containers.
const KUBECTL: &str = r#"#!/bin/sh
all=$*
while :; do
    case $1 in
        -n|--namespace|--context|--kubeconfig) shift; [ $# -gt 0 ] && shift ;;
        -*) shift ;;
        *) break ;;
    esac
done
verb=$1; [ $# -gt 0 ] && shift
case $verb in
    exec)
        while :; do
            case $1 in
                -c|--container) shift; [ $# -gt 0 ] && shift ;;
                -*) shift ;;
                *) break ;;
            esac
        done
        [ $# -gt 0 ] && shift
        [ "$1" = -- ] && shift
        [ $# -gt 0 ] && exec "$@" ;;
    logs)
        lines=50; follow=
        while [ $# -gt 1 ]; do
            case $1 in
                --tail) lines=$2; shift ;;
                --since|--since-time|-c|--container) shift ;;
                -f|--follow) follow=-F ;;
            esac
            shift
        done
        exec tail -n "$lines" $follow "${HOME%/*}/var/log/syslog" ;;
    *) echo "sandbox: would run kubectl $all" ;;
esac
"#;

/// The programs that scripts name by their whole path; the machine has them in one of two folders.
const BY_PATH: [&str; 7] =
    ["bin/sh", "bin/bash", "bin/cat", "bin/ls", "usr/bin/env", "usr/bin/tail", "usr/bin/python3"];

/// Whether it stands for a program of the machine, also where that is named by its whole path.
pub(super) fn has(name: &str) -> bool {
    TOLD.contains(&name) || ["sudo", "docker", "kubectl", "whoami"].contains(&name)
}

/// The scripts, each with its path on the server.
pub(super) fn scripts() -> impl Iterator<Item = (String, String)> {
    let told = TOLD.iter().map(|name| (format!("usr/local/bin/{name}"), TELL.to_owned()));
    let own = [
        ("usr/local/bin/sudo", SUDO),
        ("usr/local/bin/docker", DOCKER),
        ("usr/local/bin/kubectl", KUBECTL),
        ("usr/local/bin/whoami", WHOAMI),
    ];
    let own = own.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
    // A link would let a command change the program of the machine.
    let by_path = BY_PATH.iter().map(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        ((*path).to_owned(), format!("#!/bin/sh\nexec {name} \"$@\"\n"))
    });
    told.chain(own).chain(by_path)
}
