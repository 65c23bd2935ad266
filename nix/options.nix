# Written by script/docs/write.ts from the schema of the configuration: every setting as an option of services.bough.settings.
# null leaves a setting out.
{ lib }:
let
  inherit (lib) mkOption types;
in
{
  "stateDir" = mkOption {
    type = types.str;
    default = "/var/lib/bough";
    description = "What must survive a reboot: mirrors, releases, units.";
  };
  "runtimeDir" = mkOption {
    type = types.str;
    default = "/run/bough";
    description = "Sockets and the lock; empty after a reboot.";
  };
  "unitDir" = mkOption {
    type = types.str;
    default = "/run/systemd/system";
    description = "Where systemd finds the units Bough links.";
  };
  "redis" = {
    "url" = mkOption {
      type = types.str;
      default = "unix:///run/bough-redis/redis.sock";
      description = "The Redis of the queues: `unix://` where Bough runs one of its own, `redis://` or `rediss://` for one that is there.";
    };
    "passwordFile" = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "A file that holds the password of Redis.";
    };
  };
  "receiver" = {
    "host" = mkOption {
      type = types.str;
      default = "127.0.0.1";
      description = "Address the receiver listens on.";
    };
    "port" = mkOption {
      type = types.port;
      default = 9010;
      description = "Port the receiver listens on.";
    };
    "bodyLimitBytes" = mkOption {
      type = types.ints.between 1024 26214400;
      default = 5242880;
      description = "Largest delivery accepted, in bytes.";
    };
    "requestTimeoutSec" = mkOption {
      type = types.number;
      default = 10;
      description = "A request must be there whole within this many seconds.";
    };
    "allowFrom" = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      description = "Addresses and networks deliveries may come from, such as the forge's; any unless set.";
    };
    "trustProxies" = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Addresses and networks of proxies whose `X-Forwarded-For` is believed.";
    };
    "refusalsPerMinute" = mkOption {
      type = types.ints.positive;
      default = 60;
      description = "An address that was refused so often within a minute is answered 429 for all that is not signed well, or is too much at once, unless a delivery that was signed well came from it of late.";
    };
    "keepDeliveries" = mkOption {
      type = types.oneOf [ types.number types.str ];
      default = "30d";
      description = "How long deliveries are kept in the ledger, the last 500,000 at most.";
    };
  };
  "board" = {
    "user" = mkOption {
      type = types.str;
      default = "bough";
      description = "User of the board.";
    };
    "passwordFile" = mkOption {
      type = types.str;
      description = "A file that holds the password of the board.";
    };
  };
  "caddy" = {
    "listen" = mkOption {
      type = types.str;
      default = ":8080";
      description = "Address Caddy serves the branches on.";
    };
    "tls" = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Where Caddy ends TLS: `internal` for certificates of its own, for tests; or a file with its directive `tls`.";
    };
  };
  "ports" = {
    "from" = mkOption {
      type = types.port;
      default = 20000;
      description = "First loopback port given to apps that listen on PORT.";
    };
    "to" = mkOption {
      type = types.port;
      default = 29999;
      description = "Last such port.";
    };
  };
  "sweepIntervalSec" = mkOption {
    type = types.number;
    default = 60;
    description = "Seconds between two sweeps.";
  };
  "build" = {
    "evalTimeoutSec" = mkOption {
      type = types.number;
      default = 300;
      description = "Limit of one evaluation.";
    };
    "timeoutSec" = mkOption {
      type = types.number;
      default = 1800;
      description = "Limit of one build.";
    };
    "silenceTimeoutSec" = mkOption {
      type = types.number;
      default = 600;
      description = "A build that prints nothing for so long is stopped.";
    };
    "fetchTimeoutSec" = mkOption {
      type = types.number;
      default = 120;
      description = "Limit of one git fetch.";
    };
    "allowImportFromDerivation" = mkOption {
      type = types.bool;
      default = false;
      description = "Let evaluation build things.";
    };
  };
  "reconcile" = {
    "settleSec" = mkOption {
      type = types.number;
      default = 2;
      description = "A new process must run this long without a restart before it gets requests.";
    };
    "drainSec" = mkOption {
      type = types.number;
      default = 5;
      description = "How long the old release may finish its requests after a switch.";
    };
    "stopTimeoutSec" = mkOption {
      type = types.number;
      default = 20;
      description = "A process that has not stopped by then is killed.";
    };
    "probation" = mkOption {
      type = types.oneOf [ types.number types.str ];
      default = "10min";
      description = "A release that crash-loops within this time of its switch is rolled back.";
    };
    "keepReleases" = mkOption {
      type = types.ints.between 1 50;
      default = 3;
      description = "Verified releases kept per deployment.";
    };
  };
  "gc" = {
    "lowFreeGiB" = mkOption {
      type = types.number;
      default = 1;
      description = "With less free for the store, garbage is collected before a build; with less after that, the build fails.";
    };
    "highFreeGiB" = mkOption {
      type = types.number;
      default = 5;
      description = "A collection goes on until so much is free, or no garbage is left.";
    };
    "every" = mkOption {
      type = types.oneOf [ (types.enum [ "never" ]) types.number types.str ];
      default = "1d";
      description = "How often garbage is looked for, and git packs the mirrors.";
    };
    "keepLogs" = mkOption {
      type = types.oneOf [ types.number types.str ];
      default = "30d";
      description = "Build logs are kept so long, those of kept releases longer.";
    };
    "repositoriesGiB" = mkOption {
      type = types.number;
      default = 2;
      description = "When the copies of repositories that Nix makes for itself take more, they are removed.";
    };
  };
  "previews" = {
    "memoryMax" = mkOption {
      type = types.str;
      default = "infinity";
      description = "Memory of all together.";
    };
    "cpuQuota" = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Processor time of all together.";
    };
  };
  "productions" = {
    "memoryMax" = mkOption {
      type = types.str;
      default = "infinity";
      description = "Memory of all together.";
    };
    "cpuQuota" = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Processor time of all together.";
    };
  };
  "builders" = {
    "memoryMax" = mkOption {
      type = types.str;
      default = "infinity";
      description = "Memory of all together.";
    };
    "cpuQuota" = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Processor time of all together.";
    };
    "cpuWeight" = mkOption {
      type = types.ints.between 1 10000;
      default = 20;
      description = "Share of the processors when others want it too; theirs is 100 each.";
    };
    "ioWeight" = mkOption {
      type = types.ints.between 1 10000;
      default = 20;
      description = "Share of the disks when others want it too; theirs is 100 each.";
    };
  };
  "logLevel" = mkOption {
    type = types.enum [ "debug" "info" "warn" "error" ];
    default = "info";
    description = "Least level that is logged.";
  };
  "projects" = mkOption {
    type = types.attrsOf (types.submodule { options = {
      "remote" = mkOption {
        type = types.str;
        description = "What git fetches from: a URL without a login, or an absolute path.";
      };
      "forge" = mkOption {
        type = types.enum [ "github" "gitlab" "gitea" "forgejo" "bitbucket" "bitbucket-data-center" "git" ];
        default = "github";
        description = "Whose webhooks it sends; `git` is the hook Bough ships.";
      };
      "webhookSecretFiles" = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Files that each hold one webhook secret; several allow rotation. With none the sweep alone finds pushes.";
      };
      "production" = mkOption {
        type = types.str;
        default = "main";
        description = "The production branch: built before all others.";
      };
      "attribute" = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = "The flake output to build; `packages.<this system>.default` unless set.";
      };
      "url" = mkOption {
        type = types.str;
        description = "Where the branches are reached, without the slug: `http://localhost:8080`.";
      };
      "listen" = mkOption {
        type = types.enum [ "port" "socket" ];
        default = "port";
        description = "How an app without a manifest takes requests: `PORT`, or a passed socket (`LISTEN_FDS`).";
      };
      "health" = {
        "path" = mkOption {
          type = types.str;
          default = "/";
          description = "Path asked for on the release itself, below its own root.";
        };
        "status" = mkOption {
          type = types.nullOr (types.listOf (types.ints.between 100 599));
          default = null;
          description = "Statuses that are good; any from 200 to 399 unless set.";
        };
        "timeoutSec" = mkOption {
          type = types.number;
          default = 60;
          description = "The process must answer well within this many seconds of its start.";
        };
        "intervalSec" = mkOption {
          type = types.number;
          default = 0.1;
          description = "Seconds between two questions.";
        };
      };
      "routing" = mkOption {
        type = types.enum [ "path" "subdomain" ];
        default = "path";
        description = "`path`: `<url>/<slug>/`. `subdomain`: `<slug>.<host of url>`.";
      };
      "productionAtRoot" = mkOption {
        type = types.bool;
        default = false;
        description = "Whether the production branch answers at `url` itself too.";
      };
      "include" = mkOption {
        type = types.listOf types.str;
        default = [ "**" ];
        description = "Patterns of the branches that are deployed: `*` is any text without a slash, `**` any text.";
      };
      "exclude" = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Patterns of the branches that are not, whatever `include` says. The production branch always is.";
      };
      "paths" = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Patterns of files, as those of branches: a push that touches none of them is not built. None: every push is.";
      };
      "sleepAfter" = mkOption {
        type = types.oneOf [ (types.enum [ "never" ]) types.number types.str ];
        default = "never";
        description = "Previews sleep after so long without a connection. Production never does unless its manifest says so.";
      };
      "maxLive" = mkOption {
        type = types.nullOr types.ints.positive;
        default = null;
        description = "How many previews may have a process at a time; any number unless set. Production is not counted.";
      };
      "whenFull" = mkOption {
        type = types.enum [ "sleep" "expire" ];
        default = "sleep";
        description = "What becomes of the least recently visited preview when more are live. `sleep`: the next visit wakes it. `expire`: it is taken down until a push or `bough resume`.";
      };
      "ttl" = mkOption {
        type = types.oneOf [ (types.enum [ "never" ]) types.number types.str ];
        default = "never";
        description = "A preview expires so long after the last push to it, or after it was resumed. Production never does.";
      };
      "credentials" = mkOption {
        type = types.listOf (types.submodule { options = {
          "name" = mkOption {
            type = types.str;
            description = "Its file name in `CREDENTIALS_DIRECTORY`.";
          };
          "file" = mkOption {
            type = types.str;
            description = "The file that holds it.";
          };
          "branches" = mkOption {
            type = types.listOf types.str;
            default = [ "**" ];
            description = "Patterns of the branches that get it.";
          };
        }; });
        default = [ ];
        description = "Secrets of the processes.";
      };
    }; });
    default = { };
    description = "The projects, by name.";
  };
}
