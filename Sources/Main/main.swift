internal import EbbCommand

// The commands for the library's cells. For cells of your own: EbbCommand.main(cells: ["mgu": MinimalGatedUnit.init]).
EbbCommand.main()
