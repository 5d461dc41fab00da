module @lstm_gradient {
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
      tensor<f32> {ebb.name = "loss"},
      tensor<7x4xf32> {ebb.name = "gradient/input.weight"},
      tensor<4xf32> {ebb.name = "gradient/input.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/forget.weight"},
      tensor<4xf32> {ebb.name = "gradient/forget.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/candidate.weight"},
      tensor<4xf32> {ebb.name = "gradient/candidate.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/output.weight"},
      tensor<4xf32> {ebb.name = "gradient/output.bias"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.25 = stablehlo.constant dense<0.25> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_3 = stablehlo.constant dense<3> : tensor<i32>
    %i32_6 = stablehlo.constant dense<6> : tensor<i32>
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
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x16xf32>
    %zeros_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<8x3x8xf32>
    %concatenate_3 = stablehlo.concatenate %f32_0.0.all.all, %f32_0.0.all.all, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
    %concatenate_3.piece = stablehlo.reshape %concatenate_3 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
    %c.h.start = stablehlo.dynamic_update_slice %zeros_1, %concatenate_3.piece, %i32_0, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
    // forward along t
    %forward:5 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %c.previous = %f32_0.0.all.all, %add.filled = %zeros, %c.h.filled = %c.h.start) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
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
      %add_1.piece = stablehlo.reshape %add_1 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %add.filled.next = stablehlo.dynamic_update_slice %add.filled, %add_1.piece, %step, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %concatenate_4 = stablehlo.concatenate %c.next, %h.next, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
      %t.shifted = stablehlo.add %step, %i32_1 : tensor<i32>
      %concatenate_4.piece = stablehlo.reshape %concatenate_4 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
      %c.h.filled.next = stablehlo.dynamic_update_slice %c.h.filled, %concatenate_4.piece, %t.shifted, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %c.next, %add.filled.next, %c.h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
    }
    %slice_12 = stablehlo.slice %forward#3 [0:7, 0:3, 12:16] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %output = stablehlo.logistic %slice_12 : tensor<7x3x4xf32>
    %c.sequence = stablehlo.slice %forward#4 [1:8, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %c.sequence_1 = stablehlo.slice %c.sequence [0:7, 0:3, 0:4] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %tanh_1 = stablehlo.tanh %c.sequence_1 : tensor<7x3x4xf32>
    %multiply_2 = stablehlo.multiply %output, %tanh_1 : tensor<7x3x4xf32>
    %multiply_3 = stablehlo.multiply %multiply_2, %multiply_2 : tensor<7x3x4xf32>
    %f32_0.25.all = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %multiply_4 = stablehlo.multiply %multiply_3, %f32_0.25.all : tensor<7x3x4xf32>
    %sum = stablehlo.reduce(%multiply_4 init: %f32_0.0) applies stablehlo.add across dimensions = [2] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<7x3xf32>
    %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<7x3xf32>
    %mean = stablehlo.multiply %sum, %f32_1.0.all : tensor<7x3xf32>
    %sum_1 = stablehlo.reduce(%mean init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3xf32>, tensor<f32>) -> tensor<f32>
    %convert = stablehlo.convert %i32_7 : (tensor<i32>) -> tensor<f32>
    %convert_1 = stablehlo.convert %i32_3 : (tensor<i32>) -> tensor<f32>
    %multiply_5 = stablehlo.multiply %convert, %convert_1 : tensor<f32>
    %divide = stablehlo.divide %sum_1, %multiply_5 : tensor<f32>
    %divide_1 = stablehlo.divide %f32_1.0, %multiply_5 : tensor<f32>
    %multiply_6 = stablehlo.multiply %divide_1, %f32_0.25 : tensor<f32>
    %add_2 = stablehlo.add %multiply_6, %multiply_6 : tensor<f32>
    // backward along t
    %backward:4 = stablehlo.while(%step_1 = %i32_0, %state.previous = %f32_0.0.all.all, %state.previous_1 = %f32_0.0.all.all, %concatenate.filled = %zeros) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %add.t = stablehlo.dynamic_slice %forward#3, %t, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %add.t_1 = stablehlo.reshape %add.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %slice_13 = stablehlo.slice %add.t_1 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %output.t = stablehlo.logistic %slice_13 : tensor<3x4xf32>
      %t.shifted_1 = stablehlo.add %t, %i32_1 : tensor<i32>
      %row.t = stablehlo.dynamic_slice %forward#4, %t.shifted_1, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_1 = stablehlo.reshape %row.t : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %c.t = stablehlo.slice %row.t_1 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %tanh_2 = stablehlo.tanh %c.t : tensor<3x4xf32>
      %multiply_7 = stablehlo.multiply %output.t, %tanh_2 : tensor<3x4xf32>
      %add_2.all = stablehlo.broadcast_in_dim %add_2, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_8 = stablehlo.multiply %add_2.all, %multiply_7 : tensor<3x4xf32>
      %add_3 = stablehlo.add %multiply_8, %state.previous : tensor<3x4xf32>
      %multiply_9 = stablehlo.multiply %add_3, %tanh_2 : tensor<3x4xf32>
      %multiply_10 = stablehlo.multiply %add_3, %output.t : tensor<3x4xf32>
      %multiply_11 = stablehlo.multiply %tanh_2, %tanh_2 : tensor<3x4xf32>
      %f32_1.0.all_1 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract = stablehlo.subtract %f32_1.0.all_1, %multiply_11 : tensor<3x4xf32>
      %multiply_12 = stablehlo.multiply %multiply_10, %subtract : tensor<3x4xf32>
      %add_4 = stablehlo.add %multiply_12, %state.previous_1 : tensor<3x4xf32>
      %slice_14 = stablehlo.slice %add.t_1 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %candidate.t = stablehlo.tanh %slice_14 : tensor<3x4xf32>
      %multiply_13 = stablehlo.multiply %add_4, %candidate.t : tensor<3x4xf32>
      %slice_15 = stablehlo.slice %add.t_1 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %input.t = stablehlo.logistic %slice_15 : tensor<3x4xf32>
      %multiply_14 = stablehlo.multiply %add_4, %input.t : tensor<3x4xf32>
      %row.t_2 = stablehlo.dynamic_slice %forward#4, %t, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_3 = stablehlo.reshape %row.t_2 : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %delay.t = stablehlo.slice %row.t_3 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %multiply_15 = stablehlo.multiply %add_4, %delay.t : tensor<3x4xf32>
      %slice_16 = stablehlo.slice %add.t_1 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %forget.t = stablehlo.logistic %slice_16 : tensor<3x4xf32>
      %multiply_16 = stablehlo.multiply %add_4, %forget.t : tensor<3x4xf32>
      %subtract_1 = stablehlo.subtract %f32_1.0.all_1, %output.t : tensor<3x4xf32>
      %multiply_17 = stablehlo.multiply %output.t, %subtract_1 : tensor<3x4xf32>
      %multiply_18 = stablehlo.multiply %multiply_9, %multiply_17 : tensor<3x4xf32>
      %multiply_19 = stablehlo.multiply %candidate.t, %candidate.t : tensor<3x4xf32>
      %subtract_2 = stablehlo.subtract %f32_1.0.all_1, %multiply_19 : tensor<3x4xf32>
      %multiply_20 = stablehlo.multiply %multiply_14, %subtract_2 : tensor<3x4xf32>
      %subtract_3 = stablehlo.subtract %f32_1.0.all_1, %forget.t : tensor<3x4xf32>
      %multiply_21 = stablehlo.multiply %forget.t, %subtract_3 : tensor<3x4xf32>
      %multiply_22 = stablehlo.multiply %multiply_15, %multiply_21 : tensor<3x4xf32>
      %subtract_4 = stablehlo.subtract %f32_1.0.all_1, %input.t : tensor<3x4xf32>
      %multiply_23 = stablehlo.multiply %input.t, %subtract_4 : tensor<3x4xf32>
      %multiply_24 = stablehlo.multiply %multiply_13, %multiply_23 : tensor<3x4xf32>
      %concatenate_5 = stablehlo.concatenate %multiply_24, %multiply_22, %multiply_20, %multiply_18, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %product_2 = stablehlo.dot_general %concatenate_5, %concatenate, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x16xf32>, tensor<4x16xf32>) -> tensor<3x4xf32>
      %concatenate_5.piece = stablehlo.reshape %concatenate_5 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %concatenate.filled.next = stablehlo.dynamic_update_slice %concatenate.filled, %concatenate_5.piece, %t, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %product_2, %multiply_16, %concatenate.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>
    }
    %delay.sequence = stablehlo.slice %forward#4 [0:7, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %delay.sequence_1 = stablehlo.slice %delay.sequence [0:7, 0:3, 4:8] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %product_3 = stablehlo.dot_general %delay.sequence_1, %backward#3, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x16xf32>) -> tensor<4x16xf32>
    %slice_17 = stablehlo.slice %product_3 [0:4, 12:16] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %product_4 = stablehlo.dot_general %x, %backward#3, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<7x3x16xf32>) -> tensor<3x16xf32>
    %slice_18 = stablehlo.slice %product_4 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_6 = stablehlo.concatenate %slice_17, %slice_18, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_19 = stablehlo.slice %product_3 [0:4, 8:12] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_20 = stablehlo.slice %product_4 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_7 = stablehlo.concatenate %slice_19, %slice_20, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_21 = stablehlo.slice %product_3 [0:4, 4:8] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_22 = stablehlo.slice %product_4 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_8 = stablehlo.concatenate %slice_21, %slice_22, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_23 = stablehlo.slice %product_3 [0:4, 0:4] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_24 = stablehlo.slice %product_4 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_9 = stablehlo.concatenate %slice_23, %slice_24, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %sum_2 = stablehlo.reduce(%backward#3 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x16xf32>, tensor<f32>) -> tensor<16xf32>
    %slice_25 = stablehlo.slice %sum_2 [0:4] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_26 = stablehlo.slice %sum_2 [4:8] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_27 = stablehlo.slice %sum_2 [8:12] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_28 = stablehlo.slice %sum_2 [12:16] : (tensor<16xf32>) -> tensor<4xf32>
    return %divide, %concatenate_9, %slice_25, %concatenate_8, %slice_26, %concatenate_7, %slice_27, %concatenate_6, %slice_28 : tensor<f32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>
  }
}
