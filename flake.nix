{
  description = "Every git branch live on one Linux host, built by Nix and run by systemd";

  # No inputs: what a branch needs of Bough is the declaration alone.
  outputs = _: {
    lib = import ./nix/lib.nix;
  };
}
