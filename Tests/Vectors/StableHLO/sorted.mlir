module @sorted {
  func.func public @main(
      %x: tensor<7x5xf32>
  ) -> (
      tensor<7x5xf32> {ebb.name = "sums"},
      tensor<7x5xf32> {ebb.name = "decayed"}
  ) {
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_5 = stablehlo.constant dense<5> : tensor<i32>
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %i32_4 = stablehlo.constant dense<4> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %i32_3 = stablehlo.constant dense<3> : tensor<i32>
    %iota = stablehlo.iota dim = 1 : tensor<7x5xi32>
    %order:2 = "stablehlo.sort"(%x, %iota) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>, %i: tensor<i32>, %j: tensor<i32>):
      %compare = stablehlo.compare LT, %b, %a, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %compare_1 = stablehlo.compare EQ, %b, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %compare_2 = stablehlo.compare NE, %a, %a, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %and = stablehlo.and %compare_1, %compare_2 : tensor<i1>
      %or = stablehlo.or %compare, %and : tensor<i1>
      stablehlo.return %or : tensor<i1>
    }) : (tensor<7x5xf32>, tensor<7x5xi32>) -> (tensor<7x5xf32>, tensor<7x5xi32>)
    %gather = "stablehlo.gather"(%x, %order#1) <{dimension_numbers = #stablehlo.gather<offset_dims = [], collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<7x5xf32>, tensor<7x5xi32>) -> tensor<7x5xf32>
    %i32_0.all = stablehlo.broadcast_in_dim %i32_0, dims = [] : (tensor<i32>) -> tensor<7x5xi32>
    %compare_3 = stablehlo.compare GE, %order#1, %i32_0.all, SIGNED : (tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xi1>
    %i32_5.all = stablehlo.broadcast_in_dim %i32_5, dims = [] : (tensor<i32>) -> tensor<7x5xi32>
    %compare_4 = stablehlo.compare LT, %order#1, %i32_5.all, SIGNED : (tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xi1>
    %and_1 = stablehlo.and %compare_3, %compare_4 : tensor<7x5xi1>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x5xf32>
    %select = stablehlo.select %and_1, %gather, %f32_0.0.all : tensor<7x5xi1>, tensor<7x5xf32>
    %slice = stablehlo.slice %select [0:7, 0:4] : (tensor<7x5xf32>) -> tensor<7x4xf32>
    %pad = stablehlo.pad %slice, %f32_0.0, low = [0, 1], high = [0, 0], interior = [0, 0] : (tensor<7x4xf32>, tensor<f32>) -> tensor<7x5xf32>
    %add = stablehlo.add %select, %pad : tensor<7x5xf32>
    %slice_1 = stablehlo.slice %add [0:7, 0:3] : (tensor<7x5xf32>) -> tensor<7x3xf32>
    %pad_1 = stablehlo.pad %slice_1, %f32_0.0, low = [0, 2], high = [0, 0], interior = [0, 0] : (tensor<7x3xf32>, tensor<f32>) -> tensor<7x5xf32>
    %add_1 = stablehlo.add %add, %pad_1 : tensor<7x5xf32>
    %slice_2 = stablehlo.slice %add_1 [0:7, 0:1] : (tensor<7x5xf32>) -> tensor<7x1xf32>
    %pad_2 = stablehlo.pad %slice_2, %f32_0.0, low = [0, 4], high = [0, 0], interior = [0, 0] : (tensor<7x1xf32>, tensor<f32>) -> tensor<7x5xf32>
    %add_2 = stablehlo.add %add_1, %pad_2 : tensor<7x5xf32>
    %slice_3 = stablehlo.slice %x [0:7, 4:5] : (tensor<7x5xf32>) -> tensor<7x1xf32>
    %reshape = stablehlo.reshape %slice_3 : (tensor<7x1xf32>) -> tensor<7xf32>
    %accumulated:3 = stablehlo.while(%step = %i32_0, %last = %reshape, %filled = %x) : tensor<i32>, tensor<7xf32>, tensor<7x5xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_4, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %index = stablehlo.subtract %i32_3, %step : tensor<i32>
      %select.entry = stablehlo.dynamic_slice %select, %i32_0, %index, sizes = [7, 1] : (tensor<7x5xf32>, tensor<i32>, tensor<i32>) -> tensor<7x1xf32>
      %select.entry_1 = stablehlo.reshape %select.entry : (tensor<7x1xf32>) -> tensor<7xf32>
      %x.entry = stablehlo.dynamic_slice %x, %i32_0, %index, sizes = [7, 1] : (tensor<7x5xf32>, tensor<i32>, tensor<i32>) -> tensor<7x1xf32>
      %x.entry_1 = stablehlo.reshape %x.entry : (tensor<7x1xf32>) -> tensor<7xf32>
      %multiply = stablehlo.multiply %select.entry_1, %last : tensor<7xf32>
      %add_3 = stablehlo.add %multiply, %x.entry_1 : tensor<7xf32>
      %add_3.piece = stablehlo.reshape %add_3 : (tensor<7xf32>) -> tensor<7x1xf32>
      %dynamic_update_slice = stablehlo.dynamic_update_slice %filled, %add_3.piece, %i32_0, %index : (tensor<7x5xf32>, tensor<7x1xf32>, tensor<i32>, tensor<i32>) -> tensor<7x5xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %add_3, %dynamic_update_slice : tensor<i32>, tensor<7xf32>, tensor<7x5xf32>
    }
    return %add_2, %accumulated#2 : tensor<7x5xf32>, tensor<7x5xf32>
  }
}
