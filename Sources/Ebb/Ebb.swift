// Everything that a program about recurrent networks needs, under one import.
@_exported public import EbbCells
@_exported public import EbbCompiler
@_exported public import EbbDiagnostics
@_exported public import EbbExecution
@_exported public import EbbFiles
@_exported public import EbbGraph
@_exported public import EbbInterchange
@_exported public import EbbInterpreter
@_exported public import EbbLinearAlgebra
@_exported public import EbbMarkup
@_exported public import EbbPictures
@_exported public import EbbPlanning
@_exported public import EbbRecording
@_exported public import EbbReport
@_exported public import EbbTensors
@_exported public import EbbTraining
@_exported public import EbbTransforms
