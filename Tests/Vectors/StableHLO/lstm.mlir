module @lstm {
  func.func public @main(
      %x: tensor<7x3x3xf32>,
      %input.weight: tensor<7x4xf32>,
      %input.bias: tensor<4xf32>,
      %forget.weight: tensor<7x4xf32>,
      %candidate.weight: tensor<7x4xf32>,
      %output.weight: tensor<7x4xf32>,
      %forget.bias: tensor<4xf32>,
      %candidate.bias: tensor<4xf32>,
      %output.bias: tensor<4xf32>
  ) -> (
      tensor<7x3x4xf32> {ebb.name = "y"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %slice = stablehlo.slice %input.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_1 = stablehlo.slice %forget.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_2 = stablehlo.slice %candidate.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_3 = stablehlo.slice %output.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %concatenate = stablehlo.concatenate %slice, %slice_1, %slice_2, %slice_3, dim = 1 : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x16xf32>
    %slice_4 = stablehlo.slice %input.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_5 = stablehlo.slice %forget.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_6 = stablehlo.slice %candidate.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_7 = stablehlo.slice %output.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %concatenate_1 = stablehlo.concatenate %slice_4, %slice_5, %slice_6, %slice_7, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
    %product = stablehlo.dot_general %x, %concatenate_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x16xf32>) -> tensor<7x3x16xf32>
    %concatenate_2 = stablehlo.concatenate %input.bias, %forget.bias, %candidate.bias, %output.bias, dim = 0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<16xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    // forward along t
    %forward:4 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %c.previous = %f32_0.0.all.all, %h.filled = %zeros) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %h.previous, %concatenate, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x16xf32>) -> tensor<3x16xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %concatenate_2.all = stablehlo.broadcast_in_dim %concatenate_2, dims = [1] : (tensor<16xf32>) -> tensor<3x16xf32>
      %add = stablehlo.add %product.t_1, %concatenate_2.all : tensor<3x16xf32>
      %add_1 = stablehlo.add %product_1, %add : tensor<3x16xf32>
      %slice_8 = stablehlo.slice %add_1 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %input.next = stablehlo.logistic %slice_8 : tensor<3x4xf32>
      %slice_9 = stablehlo.slice %add_1 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %forget.next = stablehlo.logistic %slice_9 : tensor<3x4xf32>
      %slice_10 = stablehlo.slice %add_1 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %candidate.next = stablehlo.tanh %slice_10 : tensor<3x4xf32>
      %slice_11 = stablehlo.slice %add_1 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %output.next = stablehlo.logistic %slice_11 : tensor<3x4xf32>
      %multiply = stablehlo.multiply %forget.next, %c.previous : tensor<3x4xf32>
      %multiply_1 = stablehlo.multiply %input.next, %candidate.next : tensor<3x4xf32>
      %c.next = stablehlo.add %multiply, %multiply_1 : tensor<3x4xf32>
      %tanh = stablehlo.tanh %c.next : tensor<3x4xf32>
      %h.next = stablehlo.multiply %output.next, %tanh : tensor<3x4xf32>
      %h.next.piece = stablehlo.reshape %h.next : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
      %h.filled.next = stablehlo.dynamic_update_slice %h.filled, %h.next.piece, %step, %i32_0, %i32_0 : (tensor<7x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x4xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %c.next, %h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    }
    return %forward#3 : tensor<7x3x4xf32>
  }
}
