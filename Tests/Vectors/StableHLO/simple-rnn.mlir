module @simple_rnn {
  func.func public @main(
      %x: tensor<7x3x8xf32>,
      %W: tensor<8x16xf32>,
      %R: tensor<16x16xf32>,
      %b: tensor<16xf32>
  ) -> (
      tensor<f32> {ebb.name = "loss"},
      tensor<7x3x16xf32> {ebb.name = "states"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %product = stablehlo.dot_general %x, %W, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x8xf32>, tensor<8x16xf32>) -> tensor<7x3x16xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<16xf32>) -> tensor<3x16xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x16xf32>
    // forward along t
    %forward:3 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %h.filled = %zeros) : tensor<i32>, tensor<3x16xf32>, tensor<7x3x16xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %h.previous, %R, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x16xf32>, tensor<16x16xf32>) -> tensor<3x16xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %b.all = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<16xf32>) -> tensor<3x16xf32>
      %add = stablehlo.add %product.t_1, %b.all : tensor<3x16xf32>
      %add_1 = stablehlo.add %product_1, %add : tensor<3x16xf32>
      %h.next = stablehlo.tanh %add_1 : tensor<3x16xf32>
      %h.next.piece = stablehlo.reshape %h.next : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %h.filled.next = stablehlo.dynamic_update_slice %h.filled, %h.next.piece, %step, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %h.filled.next : tensor<i32>, tensor<3x16xf32>, tensor<7x3x16xf32>
    }
    %slice = stablehlo.slice %forward#2 [6:7, 0:3, 0:16] : (tensor<7x3x16xf32>) -> tensor<1x3x16xf32>
    %reshape = stablehlo.reshape %slice : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
    %multiply = stablehlo.multiply %reshape, %reshape : tensor<3x16xf32>
    %sum = stablehlo.reduce(%multiply init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x16xf32>, tensor<f32>) -> tensor<3xf32>
    %sum_1 = stablehlo.reduce(%sum init: %f32_0.0) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    return %sum_1, %forward#2 : tensor<f32>, tensor<7x3x16xf32>
  }
}
