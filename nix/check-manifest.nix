# What is wrong with a manifest, in words that name the field; an empty list when nothing is. Here, because an
# evaluation fails in seconds and says it to whoever runs `nix build`; packages/core/src/state/manifest.ts checks again.
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
    foldl'
    fromJSON
    genList
    hasContext
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    length
    match
    replaceStrings
    ;

  # The list of packages/core/src/state/service-config.ts; a test compares them.
  allowedDirectives = [
    "CPUQuota"
    "CPUWeight"
    "IOWeight"
    "IPAddressAllow"
    "IPAddressDeny"
    "KillSignal"
    "LimitNOFILE"
    "MemoryHigh"
    "MemoryMax"
    "MemorySwapMax"
    "Nice"
    "OOMScoreAdjust"
    "TasksMax"
    "TimeoutStopSec"
  ];

  # The list of packages/core/src/state/manifest-limits.ts.
  toldBySystemd = [
    "STATE_DIRECTORY"
    "CACHE_DIRECTORY"
    "RUNTIME_DIRECTORY"
    "CREDENTIALS_DIRECTORY"
    "LISTEN_FDS"
    "LISTEN_PID"
    "LISTEN_FDNAMES"
    "MAINPID"
  ];

  # A check takes where a value stands and the value, and gives what is wrong with it.
  must =
    words: test: path: value:
    if test value then [ ] else [ "${path} must ${words}" ];
  oneOf =
    values: must "be one of ${commas (map builtins.toJSON values)}" (value: elem value values);
  matching = words: regex: must words (value: isString value && match regex value != null);
  # The fields that are there, each by its own check; what `known` does not hold is refused.
  fields =
    known:
    all (
      path: name: value:
      if known ? ${name} then
        known.${name} path value
      else
        [ "${path} is no field (known are ${commas (attrNames known)})" ]
    );
  # Every value of a set, by a check that is also told its name.
  all =
    check: path: set:
    if isAttrs set then
      concatMap (name: check "${path}.${name}" name set.${name}) (attrNames set)
    else
      [ "${path} must be a set" ];
  list =
    checkAt: path: values:
    if isList values && values != [ ] then
      concatLists (genList (i: checkAt i "${path}.${toString i}" (elemAt values i)) (length values))
    else
      [ "${path} must be a list that is not empty" ];
  commas = concatStringsSep ", ";

  # As toJSON will write it: a derivation or a path becomes its store path.
  textOf = value: if isPath value || value ? outPath then "${value}" else value;
  isLine =
    value:
    let
      text = textOf value;
    in
    isString text && replaceStrings [ "\n" "\r" ] [ "" "" ] text == text;
  isNumber = value: isInt value || isFloat value;

  line = must "be a text of one line" isLine;
  # Its context is what brings the program along with the deployment.
  program = must ''be a program in the store, such as "''${app}/bin/server"'' (
    value:
    isLine value && hasContext (textOf value) && match "/nix/store/[^ ]+" (textOf value) != null
  );
  argv = list (i: if i == 0 then program else line);
  isSpan =
    value:
    if isString value then
      match "[1-9][0-9]{0,6}(s|sec|min|h|d)" value != null
    else
      isNumber value && value > 0 && value <= longestSpan;
  seconds = must "be a number of seconds above 0 and at most ${toString longestDuration}" (
    value: isNumber value && value > 0 && value <= longestDuration
  );

  # Those of packages/core/src/config: fields.ts and time-span.ts.
  longestDuration = 12 * 86400;
  longestSpan = 9999999 * 86400;

  # The limits of packages/core/src/state/manifest-limits.ts.
  mostServices = 32;
  longestStart = 3600;
  longestStop = 600;
  # In seconds; 0 for what is none, which its own check complains of.
  secondsOf =
    value:
    let
      parts = match "((0|[1-9][0-9]*)([.][0-9]+)?) ?([a-z]*)" value;
      units = {
        "" = 1;
        s = 1;
        sec = 1;
        min = 60;
        h = 3600;
        d = 86400;
      };
    in
    if isNumber value then
      value
    else if !isString value || parts == null || !units ? ${elemAt parts 3} then
      0
    else
      fromJSON (elemAt parts 0) * units.${elemAt parts 3};
  startOf =
    service:
    let
      health = service.health or { };
    in
    (
      if service.listen or "port" == "none" then
        0
      else
        secondsOf (if isAttrs health then health.timeoutSec or 60 else 0)
    )
    + (if service ? preStart then secondsOf (service.preStartTimeout or 300) else 0);
  beyondLimits =
    services:
    let
      all = builtins.filter isAttrs (map (name: services.${name}) (attrNames services));
      start = foldl' (total: service: total + startOf service) 0 all;
      count = length (attrNames services);
    in
    (
      if count > mostServices then
        [ "services: there are ${toString count}, and may be ${toString mostServices}" ]
      else
        [ ]
    )
    ++ (
      if start > longestStart then
        [
          "services: all preStartTimeout and health.timeoutSec together are ${toString start} s, and may be ${toString longestStart}"
        ]
      else
        [ ]
    );
  directive =
    path: name: value:
    if name == "Nice" || name == "OOMScoreAdjust" then
      must "be a whole number from 0 on: below, it would be at the cost of others" (
        value: isInt value && value >= 0 || isString value && match "[0-9]+" value != null
      ) path value
    else if name == "TimeoutStopSec" then
      must "be above 0 and at most ${toString longestStop} seconds, as 90s or 5min" (
        value:
        let
          seconds = secondsOf value;
        in
        (isNumber value || isString value && match ".*[0-9] ?(s|sec|min)?" value != null)
        && seconds > 0
        && seconds <= longestStop
      ) path value
    else
      must "be one plain value" isDirectiveValue path value;

  service = fields {
    exec = argv;
    listen = oneOf [
      "port"
      "socket"
      "none"
    ];
    environment = all (
      path: name: value:
      if match "[A-Za-z_][A-Za-z0-9_]*" name == null then
        [ "${path} is no variable name" ]
      else if elem name toldBySystemd then
        [ "${path} must not be set: it is what systemd tells the process" ]
      else
        line path value
    );
    health = fields {
      path = matching "start with / and hold no spaces" "/[!-~]*";
      status = list (
        _: must "be a status from 100 to 599" (value: isInt value && value >= 100 && value <= 599)
      );
      timeoutSec = seconds;
      intervalSec = seconds;
    };
    preStart = argv;
    preStartTimeout = must "be a span of time such as 90s, 30min, 12h or 7d" isSpan;
    schedule = matching "be a calendar event of systemd.time(7)" "[A-Za-z0-9*:,./~ _+-]+";
    sleepAfter = must "be a span of time such as 30min, or never" (
      value: value == "never" || isSpan value
    );
    serviceConfig = all (
      path: name: value:
      if elem name allowedDirectives then
        directive path name value
      else
        [ "${path} is not allowed (allowed are ${commas allowedDirectives})" ]
    );
  };
  isDirectiveValue =
    value:
    isNumber value || isBool value || isString value && match "[A-Za-z0-9_.%:/ ~-]*" value != null;

  serviceNamed =
    path: name: value:
    if match "[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?" name == null || match ".*--.*" name != null then
      [ "${path} must be named with 1 to 16 of a-z, 0-9 and single dashes inside" ]
    else if !isAttrs value || value ? exec then
      service path value ++ together path value
    else
      [ "${path}.exec is missing: a program in the store, and its arguments" ];
  # What only several fields together can get wrong.
  together =
    path: value:
    let
      listen = value.listen or "port";
    in
    (
      if value ? schedule && listen != "none" then
        [ ''${path}.schedule needs listen = "none": what runs at times takes no requests'' ]
      else
        [ ]
    )
    ++ (
      if (value.sleepAfter or "never") != "never" && listen != "port" then
        [ ''${path}.sleepAfter needs listen = "port": an app that takes the socket itself ends itself when idle'' ]
      else
        [ ]
    );
in
{ strategy, services }:
oneOf [ "parallel" "replace" ] "strategy" strategy
++ all serviceNamed "services" services
++ (if isAttrs services then beyondLimits services else [ ])
++ (
  if !isAttrs services then
    [ ]
  else if !services ? web then
    [ "services.web is missing: it is what gets the requests" ]
  else if services.web.listen or "port" == "none" then
    [ "services.web.listen must not be none: web is what gets the requests" ]
  else
    [ ]
)
