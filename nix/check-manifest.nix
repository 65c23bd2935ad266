# What is wrong with a declaration, in words that name the field; an empty list when nothing is. Here, because an
# evaluation fails in seconds and says it to whoever runs `nix build`; packages/core/src/state/manifest.ts checks again.
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
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
      isNumber value && value > 0;
  seconds = must "be a number of seconds above 0" (value: isNumber value && value > 0);

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
    schedule = matching "be a calendar event of systemd.time(7)" "[A-Za-z0-9*:,./~ -]+";
    sleepAfter = must "be a span of time such as 30min, or never" (
      value: value == "never" || isSpan value
    );
    serviceConfig = all (
      path: name: value:
      if elem name allowedDirectives then
        must "be one plain value" isDirectiveValue path value
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
