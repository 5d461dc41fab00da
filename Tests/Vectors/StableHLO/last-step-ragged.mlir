module @last_step_ragged {
  func.func public @main(
      %lengths: tensor<3xi32>,
      %x: tensor<7x3x3xf32>,
      %layer0.recurrent.weight: tensor<7x4xf32>,
      %layer0.recurrent.bias: tensor<4xf32>
  ) -> (
      tensor<3x4xf32> {ebb.name = "y"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %i32_-1 = stablehlo.constant dense<-1> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %slice = stablehlo.slice %layer0.recurrent.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_1 = stablehlo.slice %layer0.recurrent.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %product = stablehlo.dot_general %x, %slice_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x4xf32>) -> tensor<7x3x4xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    // forward along t
    %forward:3 = stablehlo.while(%step = %i32_0, %layer0.h.previous = %f32_0.0.all.all, %layer0.h.filled = %zeros) : tensor<i32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %layer0.h.previous, %slice, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 4] : (tensor<7x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x4xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x4xf32>) -> tensor<3x4xf32>
      %layer0.recurrent.bias.all = stablehlo.broadcast_in_dim %layer0.recurrent.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add = stablehlo.add %product.t_1, %layer0.recurrent.bias.all : tensor<3x4xf32>
      %add_1 = stablehlo.add %product_1, %add : tensor<3x4xf32>
      %layer0.h.next = stablehlo.tanh %add_1 : tensor<3x4xf32>
      %layer0.h.next.piece = stablehlo.reshape %layer0.h.next : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
      %layer0.h.filled.next = stablehlo.dynamic_update_slice %layer0.h.filled, %layer0.h.next.piece, %step, %i32_0, %i32_0 : (tensor<7x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x4xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %layer0.h.next, %layer0.h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    }
    %iota = stablehlo.iota dim = 0 : tensor<7xi32>
    %iota.all = stablehlo.broadcast_in_dim %iota, dims = [0] : (tensor<7xi32>) -> tensor<7x3xi32>
    %lengths.all = stablehlo.broadcast_in_dim %lengths, dims = [1] : (tensor<3xi32>) -> tensor<7x3xi32>
    %t.isInside = stablehlo.compare LT, %iota.all, %lengths.all, SIGNED : (tensor<7x3xi32>, tensor<7x3xi32>) -> tensor<7x3xi1>
    %t.isInside.all = stablehlo.broadcast_in_dim %t.isInside, dims = [0, 1] : (tensor<7x3xi1>) -> tensor<7x3x4xi1>
    %f32_0.0.all_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %forward_2.masked = stablehlo.select %t.isInside.all, %forward#2, %f32_0.0.all_1 : tensor<7x3x4xi1>, tensor<7x3x4xf32>
    %i32_-1.all = stablehlo.broadcast_in_dim %i32_-1, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %t.shifted = stablehlo.add %lengths, %i32_-1.all : tensor<3xi32>
    %gather = "stablehlo.gather"(%forward_2.masked, %t.shifted) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], operand_batching_dims = [1], start_indices_batching_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 4>}> : (tensor<7x3x4xf32>, tensor<3xi32>) -> tensor<3x4xf32>
    %i32_0.all = stablehlo.broadcast_in_dim %i32_0, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %compare = stablehlo.compare GE, %t.shifted, %i32_0.all, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %i32_7.all = stablehlo.broadcast_in_dim %i32_7, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %compare_1 = stablehlo.compare LT, %t.shifted, %i32_7.all, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %and = stablehlo.and %compare, %compare_1 : tensor<3xi1>
    %and.all = stablehlo.broadcast_in_dim %and, dims = [0] : (tensor<3xi1>) -> tensor<3x4xi1>
    %f32_0.0.all_2 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
    %select = stablehlo.select %and.all, %gather, %f32_0.0.all_2 : tensor<3x4xi1>, tensor<3x4xf32>
    return %select : tensor<3x4xf32>
  }
}
