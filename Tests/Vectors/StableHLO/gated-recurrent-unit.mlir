module @gated_recurrent_unit {
  func.func public @main(
      %x: tensor<7x3x3xf32>,
      %W_z: tensor<7x4xf32>,
      %b_z: tensor<4xf32>,
      %W_r: tensor<7x4xf32>,
      %W_n: tensor<7x4xf32>,
      %b_r: tensor<4xf32>,
      %b_n: tensor<4xf32>
  ) -> (
      tensor<7x3x4xf32> {ebb.name = "h"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %slice = stablehlo.slice %W_z [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_1 = stablehlo.slice %W_r [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %concatenate = stablehlo.concatenate %slice, %slice_1, dim = 1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
    %slice_2 = stablehlo.slice %W_z [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_3 = stablehlo.slice %W_r [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_4 = stablehlo.slice %W_n [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %concatenate_1 = stablehlo.concatenate %slice_2, %slice_3, %slice_4, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x12xf32>
    %product = stablehlo.dot_general %x, %concatenate_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x12xf32>) -> tensor<7x3x12xf32>
    %concatenate_2 = stablehlo.concatenate %b_z, %b_r, %b_n, dim = 0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
    %slice_5 = stablehlo.slice %W_n [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    // forward along t
    %forward:3 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %h.filled = %zeros) : tensor<i32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %h.previous, %concatenate, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x8xf32>) -> tensor<3x8xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 12] : (tensor<7x3x12xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x12xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x12xf32>) -> tensor<3x12xf32>
      %concatenate_2.all = stablehlo.broadcast_in_dim %concatenate_2, dims = [1] : (tensor<12xf32>) -> tensor<3x12xf32>
      %add = stablehlo.add %product.t_1, %concatenate_2.all : tensor<3x12xf32>
      %slice_6 = stablehlo.slice %add [0:3, 0:8] : (tensor<3x12xf32>) -> tensor<3x8xf32>
      %add_1 = stablehlo.add %product_1, %slice_6 : tensor<3x8xf32>
      %slice_7 = stablehlo.slice %add_1 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %z.next = stablehlo.logistic %slice_7 : tensor<3x4xf32>
      %slice_8 = stablehlo.slice %add_1 [0:3, 4:8] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %r.next = stablehlo.logistic %slice_8 : tensor<3x4xf32>
      %multiply = stablehlo.multiply %r.next, %h.previous : tensor<3x4xf32>
      %product_2 = stablehlo.dot_general %multiply, %slice_5, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
      %slice_9 = stablehlo.slice %add [0:3, 8:12] : (tensor<3x12xf32>) -> tensor<3x4xf32>
      %add_2 = stablehlo.add %product_2, %slice_9 : tensor<3x4xf32>
      %n.next = stablehlo.tanh %add_2 : tensor<3x4xf32>
      %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract = stablehlo.subtract %f32_1.0.all, %z.next : tensor<3x4xf32>
      %multiply_1 = stablehlo.multiply %subtract, %h.previous : tensor<3x4xf32>
      %multiply_2 = stablehlo.multiply %z.next, %n.next : tensor<3x4xf32>
      %h.next = stablehlo.add %multiply_1, %multiply_2 : tensor<3x4xf32>
      %h.next.piece = stablehlo.reshape %h.next : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
      %h.filled.next = stablehlo.dynamic_update_slice %h.filled, %h.next.piece, %step, %i32_0, %i32_0 : (tensor<7x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x4xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<7x3x4xf32>
    }
    return %forward#2 : tensor<7x3x4xf32>
  }
}
