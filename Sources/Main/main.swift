internal import EbbCommand

// The commands for the library's cells. For cells of your own: EbbProgram.main(cells: ["mgu": MinimalGatedUnit.init]).
EbbProgram.main()
