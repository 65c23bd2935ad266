# What the files of nix/ use of nixpkgs' `lib`: the machines have no nixpkgs. Options and their types are data here, and are
# filled in by `withDefaults`; nix/tests/evaluation.nix holds the module to the real thing.
rec {
  inherit (builtins)
    all
    any
    attrNames
    attrValues
    concatLists
    concatMap
    elem
    filter
    isAttrs
    isList
    length
    listToAttrs
    mapAttrs
    replaceStrings
    stringLength
    substring
    ;

  mkOption = option: option // { isOption = true; };
  mkEnableOption = what: mkOption { type = "boolean"; default = false; description = what; };
  mkIf = condition: content: if condition then content else { };
  mkDefault = value: value;
  mkForce = value: value;
  literalExpression = text: text;
  types = {
    str = "string";
    number = "number";
    bool = "boolean";
    package = "package";
    port = "port";
    ints = {
      positive = "positive integer";
      between = least: most: "integer from ${toString least} to ${toString most}";
    };
    enum = values: { enum = values; };
    nullOr = type: { null = type; };
    listOf = type: { list = type; };
    attrsOf = type: { each = type; };
    oneOf = types: { one = types; };
    submodule = { options }: options;
  };

  # What the module system makes of options that somebody set like that.
  withDefaults =
    options: given:
    mapAttrs (
      name: option:
      if !(option ? isOption) then
        withDefaults option (given.${name} or { })
      else if given ? ${name} then
        valueOf option.type given.${name}
      else
        option.default
    ) options;
  valueOf =
    type: value:
    if isAttrs type.each or null then
      mapAttrs (_: withDefaults type.each) value
    else if isAttrs type.list or null then
      map (withDefaults type.list) value
    else
      value;

  attrByName = names: value: listToAttrs (map (name: { inherit name; value = value name; }) names);
  genAttrs = attrByName;
  filterAttrs = keep: set: attrByName (filter (name: keep name set.${name}) (attrNames set)) (name: set.${name});
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  concatMapAttrs = f: set: builtins.foldl' (sum: each: sum // each) { } (mapAttrsToList f set);
  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: value: if condition then value else { };
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  last = list: builtins.elemAt list (length list - 1);
  splitString = separator: text: filter builtins.isString (builtins.split separator text);
  toInt = text: builtins.fromJSON text;
  concatStrings = builtins.concatStringsSep "";
  escapeShellArg = text: "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
  getExe = package: "${package}/bin/${package.meta.mainProgram}";
  licenses.mit = "MIT";

  fileset = {
    unions = files: files;
    toSource =
      { root, fileset }:
      builtins.path {
        path = root;
        name = "source";
        filter = path: _: any (file: isBelow path (toString file) || isBelow (toString file) path) fileset;
      };
  };
  isBelow = path: root: path == root || hasPrefix "${root}/" path;
}
