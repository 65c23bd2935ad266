{
  description = "Hello: the smallest app Bough keeps live, one process for each branch";

  outputs =
    { self }:
    let
      # An app of yours would take Node from nixpkgs. This one is to build without a network, so script/demo adds the Node
      # it runs on to the store, and here it is named by its hash: whatever the branch, it is the same Node.
      node = builtins.fromJSON (builtins.readFile ./node.json);
      nodejs = derivation {
        inherit (node) name system;
        builder = "/bin/sh";
        args = [ "-c" "echo '${node.name} is not in the store; script/demo puts it there' >&2; exit 1" ];
        outputHashMode = "recursive";
        outputHashAlgo = "sha256";
        outputHash = node.sha256;
      };
    in
    {
      packages.${node.system}.default = derivation {
        inherit (node) system;
        inherit nodejs;
        name = "hello";
        # Only what runs: a commit that changes the README alone gives the same output, and restarts nothing.
        src = ./src;
        builder = "/bin/sh";
        args = [ ./build.sh ];
        PATH = "/usr/bin:/bin";
      };
    };
}
