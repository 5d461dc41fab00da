module @both_ways_ragged {
  func.func public @main(
      %lengths: tensor<3xi32>,
      %x: tensor<7x3x3xf32>,
      %forward.update.weight: tensor<5x2xf32>,
      %forward.update.bias: tensor<2xf32>,
      %forward.reset.weight: tensor<5x2xf32>,
      %forward.candidate.weight: tensor<5x2xf32>,
      %backward.input.weight: tensor<5x2xf32>,
      %backward.forget.weight: tensor<5x2xf32>,
      %backward.candidate.weight: tensor<5x2xf32>,
      %backward.output.weight: tensor<5x2xf32>,
      %forward.reset.bias: tensor<2xf32>,
      %forward.candidate.bias: tensor<2xf32>,
      %backward.input.bias: tensor<2xf32>,
      %backward.forget.bias: tensor<2xf32>,
      %backward.candidate.bias: tensor<2xf32>,
      %backward.output.bias: tensor<2xf32>
  ) -> (
      tensor<7x3x4xf32> {ebb.name = "y"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %i32_6 = stablehlo.constant dense<6> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<2xf32>
    %slice = stablehlo.slice %forward.update.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %slice_1 = stablehlo.slice %forward.reset.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %concatenate = stablehlo.concatenate %slice, %slice_1, dim = 1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
    %slice_2 = stablehlo.slice %forward.update.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_3 = stablehlo.slice %forward.reset.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_4 = stablehlo.slice %forward.candidate.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_5 = stablehlo.slice %backward.input.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_6 = stablehlo.slice %backward.forget.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_7 = stablehlo.slice %backward.candidate.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %slice_8 = stablehlo.slice %backward.output.weight [2:5, 0:2] : (tensor<5x2xf32>) -> tensor<3x2xf32>
    %concatenate_1 = stablehlo.concatenate %slice_2, %slice_3, %slice_4, %slice_5, %slice_6, %slice_7, %slice_8, dim = 1 : (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x14xf32>
    %product = stablehlo.dot_general %x, %concatenate_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x14xf32>) -> tensor<7x3x14xf32>
    %concatenate_2 = stablehlo.concatenate %forward.update.bias, %forward.reset.bias, %forward.candidate.bias, %backward.input.bias, %backward.forget.bias, %backward.candidate.bias, %backward.output.bias, dim = 0 : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<14xf32>
    %concatenate_2.all = stablehlo.broadcast_in_dim %concatenate_2, dims = [2] : (tensor<14xf32>) -> tensor<7x3x14xf32>
    %add = stablehlo.add %product, %concatenate_2.all : tensor<7x3x14xf32>
    %slice_9 = stablehlo.slice %forward.candidate.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<2xf32>) -> tensor<3x2xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x2xf32>
    // forward along t
    %forward:3 = stablehlo.while(%step = %i32_0, %forward.h.previous = %f32_0.0.all.all, %forward.h.filled = %zeros) : tensor<i32>, tensor<3x2xf32>, tensor<7x3x2xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %forward.h.previous, %concatenate, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
      %add.t = stablehlo.dynamic_slice %add, %step, %i32_0, %i32_0, sizes = [1, 3, 14] : (tensor<7x3x14xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x14xf32>
      %add.t_1 = stablehlo.reshape %add.t : (tensor<1x3x14xf32>) -> tensor<3x14xf32>
      %slice_10 = stablehlo.slice %add.t_1 [0:3, 0:4] : (tensor<3x14xf32>) -> tensor<3x4xf32>
      %add_1 = stablehlo.add %product_1, %slice_10 : tensor<3x4xf32>
      %slice_11 = stablehlo.slice %add_1 [0:3, 0:2] : (tensor<3x4xf32>) -> tensor<3x2xf32>
      %forward.update.next = stablehlo.logistic %slice_11 : tensor<3x2xf32>
      %slice_12 = stablehlo.slice %add_1 [0:3, 2:4] : (tensor<3x4xf32>) -> tensor<3x2xf32>
      %forward.reset.next = stablehlo.logistic %slice_12 : tensor<3x2xf32>
      %multiply = stablehlo.multiply %forward.reset.next, %forward.h.previous : tensor<3x2xf32>
      %product_2 = stablehlo.dot_general %multiply, %slice_9, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
      %slice_13 = stablehlo.slice %add.t_1 [0:3, 4:6] : (tensor<3x14xf32>) -> tensor<3x2xf32>
      %add_2 = stablehlo.add %product_2, %slice_13 : tensor<3x2xf32>
      %forward.candidate.next = stablehlo.tanh %add_2 : tensor<3x2xf32>
      %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x2xf32>
      %subtract = stablehlo.subtract %f32_1.0.all, %forward.update.next : tensor<3x2xf32>
      %multiply_1 = stablehlo.multiply %subtract, %forward.h.previous : tensor<3x2xf32>
      %multiply_2 = stablehlo.multiply %forward.update.next, %forward.candidate.next : tensor<3x2xf32>
      %forward.h.next = stablehlo.add %multiply_1, %multiply_2 : tensor<3x2xf32>
      %forward.h.next.piece = stablehlo.reshape %forward.h.next : (tensor<3x2xf32>) -> tensor<1x3x2xf32>
      %forward.h.filled.next = stablehlo.dynamic_update_slice %forward.h.filled, %forward.h.next.piece, %step, %i32_0, %i32_0 : (tensor<7x3x2xf32>, tensor<1x3x2xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x2xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %forward.h.next, %forward.h.filled.next : tensor<i32>, tensor<3x2xf32>, tensor<7x3x2xf32>
    }
    %slice_14 = stablehlo.slice %backward.input.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %slice_15 = stablehlo.slice %backward.forget.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %slice_16 = stablehlo.slice %backward.candidate.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %slice_17 = stablehlo.slice %backward.output.weight [0:2, 0:2] : (tensor<5x2xf32>) -> tensor<2x2xf32>
    %concatenate_3 = stablehlo.concatenate %slice_14, %slice_15, %slice_16, %slice_17, dim = 1 : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x8xf32>
    // backward along t
    %backward:4 = stablehlo.while(%step_1 = %i32_0, %backward.h.previous = %f32_0.0.all.all, %backward.c.previous = %f32_0.0.all.all, %backward.h.filled = %zeros) : tensor<i32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<7x3x2xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %product_3 = stablehlo.dot_general %backward.h.previous, %concatenate_3, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x2xf32>, tensor<2x8xf32>) -> tensor<3x8xf32>
      %add.t_2 = stablehlo.dynamic_slice %add, %t, %i32_0, %i32_0, sizes = [1, 3, 14] : (tensor<7x3x14xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x14xf32>
      %add.t_3 = stablehlo.reshape %add.t_2 : (tensor<1x3x14xf32>) -> tensor<3x14xf32>
      %slice_18 = stablehlo.slice %add.t_3 [0:3, 6:14] : (tensor<3x14xf32>) -> tensor<3x8xf32>
      %add_3 = stablehlo.add %product_3, %slice_18 : tensor<3x8xf32>
      %slice_19 = stablehlo.slice %add_3 [0:3, 0:2] : (tensor<3x8xf32>) -> tensor<3x2xf32>
      %backward.input.next = stablehlo.logistic %slice_19 : tensor<3x2xf32>
      %slice_20 = stablehlo.slice %add_3 [0:3, 2:4] : (tensor<3x8xf32>) -> tensor<3x2xf32>
      %backward.forget.next = stablehlo.logistic %slice_20 : tensor<3x2xf32>
      %slice_21 = stablehlo.slice %add_3 [0:3, 4:6] : (tensor<3x8xf32>) -> tensor<3x2xf32>
      %backward.candidate.next = stablehlo.tanh %slice_21 : tensor<3x2xf32>
      %slice_22 = stablehlo.slice %add_3 [0:3, 6:8] : (tensor<3x8xf32>) -> tensor<3x2xf32>
      %backward.output.next = stablehlo.logistic %slice_22 : tensor<3x2xf32>
      %multiply_3 = stablehlo.multiply %backward.forget.next, %backward.c.previous : tensor<3x2xf32>
      %multiply_4 = stablehlo.multiply %backward.input.next, %backward.candidate.next : tensor<3x2xf32>
      %backward.c.next = stablehlo.add %multiply_3, %multiply_4 : tensor<3x2xf32>
      %tanh = stablehlo.tanh %backward.c.next : tensor<3x2xf32>
      %backward.h.next = stablehlo.multiply %backward.output.next, %tanh : tensor<3x2xf32>
      %t.all = stablehlo.broadcast_in_dim %t, dims = [] : (tensor<i32>) -> tensor<3xi32>
      %t.isInside = stablehlo.compare LT, %t.all, %lengths, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
      %t.isInside.all = stablehlo.broadcast_in_dim %t.isInside, dims = [0] : (tensor<3xi1>) -> tensor<3x2xi1>
      %select = stablehlo.select %t.isInside.all, %backward.h.next, %f32_0.0.all.all : tensor<3x2xi1>, tensor<3x2xf32>
      %select_1 = stablehlo.select %t.isInside.all, %backward.c.next, %f32_0.0.all.all : tensor<3x2xi1>, tensor<3x2xf32>
      %backward.h.next.piece = stablehlo.reshape %backward.h.next : (tensor<3x2xf32>) -> tensor<1x3x2xf32>
      %backward.h.filled.next = stablehlo.dynamic_update_slice %backward.h.filled, %backward.h.next.piece, %t, %i32_0, %i32_0 : (tensor<7x3x2xf32>, tensor<1x3x2xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x2xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %select, %select_1, %backward.h.filled.next : tensor<i32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<7x3x2xf32>
    }
    %concatenate_4 = stablehlo.concatenate %forward#2, %backward#3, dim = 2 : (tensor<7x3x2xf32>, tensor<7x3x2xf32>) -> tensor<7x3x4xf32>
    %iota = stablehlo.iota dim = 0 : tensor<7xi32>
    %iota.all = stablehlo.broadcast_in_dim %iota, dims = [0] : (tensor<7xi32>) -> tensor<7x3xi32>
    %lengths.all = stablehlo.broadcast_in_dim %lengths, dims = [1] : (tensor<3xi32>) -> tensor<7x3xi32>
    %t.isInside_1 = stablehlo.compare LT, %iota.all, %lengths.all, SIGNED : (tensor<7x3xi32>, tensor<7x3xi32>) -> tensor<7x3xi1>
    %t.isInside_1.all = stablehlo.broadcast_in_dim %t.isInside_1, dims = [0, 1] : (tensor<7x3xi1>) -> tensor<7x3x4xi1>
    %f32_0.0.all_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %y.masked = stablehlo.select %t.isInside_1.all, %concatenate_4, %f32_0.0.all_1 : tensor<7x3x4xi1>, tensor<7x3x4xf32>
    return %y.masked : tensor<7x3x4xf32>
  }
}
