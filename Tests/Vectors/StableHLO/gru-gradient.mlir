module @gru_gradient {
  func.func public @main(
      %x: tensor<7x3x3xf32>,
      %update.weight: tensor<7x4xf32>,
      %update.bias: tensor<4xf32>,
      %reset.weight: tensor<7x4xf32>,
      %candidate.weight: tensor<7x4xf32>,
      %reset.bias: tensor<4xf32>,
      %candidate.bias: tensor<4xf32>
  ) -> (
      tensor<f32> {ebb.name = "loss"},
      tensor<7x4xf32> {ebb.name = "gradient/update.weight"},
      tensor<4xf32> {ebb.name = "gradient/update.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/reset.weight"},
      tensor<4xf32> {ebb.name = "gradient/reset.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/candidate.weight"},
      tensor<4xf32> {ebb.name = "gradient/candidate.bias"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.25 = stablehlo.constant dense<0.25> : tensor<f32>
    %i32_3 = stablehlo.constant dense<3> : tensor<i32>
    %i32_6 = stablehlo.constant dense<6> : tensor<i32>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %slice = stablehlo.slice %update.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_1 = stablehlo.slice %reset.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %concatenate = stablehlo.concatenate %slice, %slice_1, dim = 1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
    %slice_2 = stablehlo.slice %update.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_3 = stablehlo.slice %reset.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_4 = stablehlo.slice %candidate.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %concatenate_1 = stablehlo.concatenate %slice_2, %slice_3, %slice_4, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x12xf32>
    %product = stablehlo.dot_general %x, %concatenate_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x12xf32>) -> tensor<7x3x12xf32>
    %concatenate_2 = stablehlo.concatenate %update.bias, %reset.bias, %candidate.bias, dim = 0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
    %slice_5 = stablehlo.slice %candidate.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x16xf32>
    %zeros_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<8x3x4xf32>
    %f32_0.0.all.all.piece = stablehlo.reshape %f32_0.0.all.all : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
    %h.start = stablehlo.dynamic_update_slice %zeros_1, %f32_0.0.all.all.piece, %i32_0, %i32_0, %i32_0 : (tensor<8x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x4xf32>
    // forward along t
    %forward:4 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %add.multiply.candidate.filled = %zeros, %h.filled = %h.start) : tensor<i32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x4xf32>
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
      %update.next = stablehlo.logistic %slice_7 : tensor<3x4xf32>
      %slice_8 = stablehlo.slice %add_1 [0:3, 4:8] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %reset.next = stablehlo.logistic %slice_8 : tensor<3x4xf32>
      %multiply = stablehlo.multiply %reset.next, %h.previous : tensor<3x4xf32>
      %product_2 = stablehlo.dot_general %multiply, %slice_5, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
      %slice_9 = stablehlo.slice %add [0:3, 8:12] : (tensor<3x12xf32>) -> tensor<3x4xf32>
      %add_2 = stablehlo.add %product_2, %slice_9 : tensor<3x4xf32>
      %candidate.next = stablehlo.tanh %add_2 : tensor<3x4xf32>
      %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract = stablehlo.subtract %f32_1.0.all, %update.next : tensor<3x4xf32>
      %multiply_1 = stablehlo.multiply %subtract, %h.previous : tensor<3x4xf32>
      %multiply_2 = stablehlo.multiply %update.next, %candidate.next : tensor<3x4xf32>
      %h.next = stablehlo.add %multiply_1, %multiply_2 : tensor<3x4xf32>
      %concatenate_3 = stablehlo.concatenate %add_1, %multiply, %candidate.next, dim = 1 : (tensor<3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %concatenate_3.piece = stablehlo.reshape %concatenate_3 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %add.multiply.candidate.filled.next = stablehlo.dynamic_update_slice %add.multiply.candidate.filled, %concatenate_3.piece, %step, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %t.shifted = stablehlo.add %step, %i32_1 : tensor<i32>
      %h.next.piece = stablehlo.reshape %h.next : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
      %h.filled.next = stablehlo.dynamic_update_slice %h.filled, %h.next.piece, %t.shifted, %i32_0, %i32_0 : (tensor<8x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x4xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %add.multiply.candidate.filled.next, %h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x4xf32>
    }
    %h.sequence = stablehlo.slice %forward#3 [1:8, 0:3, 0:4] : (tensor<8x3x4xf32>) -> tensor<7x3x4xf32>
    %multiply_3 = stablehlo.multiply %h.sequence, %h.sequence : tensor<7x3x4xf32>
    %f32_0.25.all = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %multiply_4 = stablehlo.multiply %multiply_3, %f32_0.25.all : tensor<7x3x4xf32>
    %sum = stablehlo.reduce(%multiply_4 init: %f32_0.0) applies stablehlo.add across dimensions = [2] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<7x3xf32>
    %f32_1.0.all_1 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<7x3xf32>
    %mean = stablehlo.multiply %sum, %f32_1.0.all_1 : tensor<7x3xf32>
    %sum_1 = stablehlo.reduce(%mean init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3xf32>, tensor<f32>) -> tensor<f32>
    %convert = stablehlo.convert %i32_7 : (tensor<i32>) -> tensor<f32>
    %convert_1 = stablehlo.convert %i32_3 : (tensor<i32>) -> tensor<f32>
    %multiply_5 = stablehlo.multiply %convert, %convert_1 : tensor<f32>
    %divide = stablehlo.divide %sum_1, %multiply_5 : tensor<f32>
    %divide_1 = stablehlo.divide %f32_1.0, %multiply_5 : tensor<f32>
    %multiply_6 = stablehlo.multiply %divide_1, %f32_0.25 : tensor<f32>
    %add_3 = stablehlo.add %multiply_6, %multiply_6 : tensor<f32>
    %zeros_2 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x12xf32>
    // backward along t
    %backward:3 = stablehlo.while(%step_1 = %i32_0, %state.previous = %f32_0.0.all.all, %multiply.concatenate.filled = %zeros_2) : tensor<i32>, tensor<3x4xf32>, tensor<7x3x12xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %t.shifted_1 = stablehlo.add %t, %i32_1 : tensor<i32>
      %h.t = stablehlo.dynamic_slice %forward#3, %t.shifted_1, %i32_0, %i32_0, sizes = [1, 3, 4] : (tensor<8x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x4xf32>
      %h.t_1 = stablehlo.reshape %h.t : (tensor<1x3x4xf32>) -> tensor<3x4xf32>
      %add_3.all = stablehlo.broadcast_in_dim %add_3, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_7 = stablehlo.multiply %add_3.all, %h.t_1 : tensor<3x4xf32>
      %add_4 = stablehlo.add %multiply_7, %state.previous : tensor<3x4xf32>
      %row.t = stablehlo.dynamic_slice %forward#2, %t, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %row.t_1 = stablehlo.reshape %row.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %candidate.t = stablehlo.slice %row.t_1 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %multiply_8 = stablehlo.multiply %add_4, %candidate.t : tensor<3x4xf32>
      %add.t = stablehlo.slice %row.t_1 [0:3, 0:8] : (tensor<3x16xf32>) -> tensor<3x8xf32>
      %slice_10 = stablehlo.slice %add.t [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %update.t = stablehlo.logistic %slice_10 : tensor<3x4xf32>
      %multiply_9 = stablehlo.multiply %add_4, %update.t : tensor<3x4xf32>
      %delay.t = stablehlo.dynamic_slice %forward#3, %t, %i32_0, %i32_0, sizes = [1, 3, 4] : (tensor<8x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x4xf32>
      %delay.t_1 = stablehlo.reshape %delay.t : (tensor<1x3x4xf32>) -> tensor<3x4xf32>
      %multiply_10 = stablehlo.multiply %add_4, %delay.t_1 : tensor<3x4xf32>
      %f32_1.0.all_2 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract_1 = stablehlo.subtract %f32_1.0.all_2, %update.t : tensor<3x4xf32>
      %multiply_11 = stablehlo.multiply %add_4, %subtract_1 : tensor<3x4xf32>
      %multiply_12 = stablehlo.multiply %candidate.t, %candidate.t : tensor<3x4xf32>
      %subtract_2 = stablehlo.subtract %f32_1.0.all_2, %multiply_12 : tensor<3x4xf32>
      %multiply_13 = stablehlo.multiply %multiply_9, %subtract_2 : tensor<3x4xf32>
      %product_3 = stablehlo.dot_general %multiply_13, %slice_5, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
      %multiply_14 = stablehlo.multiply %product_3, %delay.t_1 : tensor<3x4xf32>
      %slice_11 = stablehlo.slice %add.t [0:3, 4:8] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %reset.t = stablehlo.logistic %slice_11 : tensor<3x4xf32>
      %multiply_15 = stablehlo.multiply %product_3, %reset.t : tensor<3x4xf32>
      %subtract_3 = stablehlo.subtract %f32_1.0.all_2, %reset.t : tensor<3x4xf32>
      %multiply_16 = stablehlo.multiply %reset.t, %subtract_3 : tensor<3x4xf32>
      %multiply_17 = stablehlo.multiply %multiply_14, %multiply_16 : tensor<3x4xf32>
      %subtract_4 = stablehlo.subtract %multiply_8, %multiply_10 : tensor<3x4xf32>
      %multiply_18 = stablehlo.multiply %update.t, %subtract_1 : tensor<3x4xf32>
      %multiply_19 = stablehlo.multiply %subtract_4, %multiply_18 : tensor<3x4xf32>
      %add_5 = stablehlo.add %multiply_11, %multiply_15 : tensor<3x4xf32>
      %concatenate_4 = stablehlo.concatenate %multiply_19, %multiply_17, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
      %product_4 = stablehlo.dot_general %concatenate_4, %concatenate, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x8xf32>, tensor<4x8xf32>) -> tensor<3x4xf32>
      %add_6 = stablehlo.add %add_5, %product_4 : tensor<3x4xf32>
      %concatenate_5 = stablehlo.concatenate %multiply_13, %concatenate_4, dim = 1 : (tensor<3x4xf32>, tensor<3x8xf32>) -> tensor<3x12xf32>
      %concatenate_5.piece = stablehlo.reshape %concatenate_5 : (tensor<3x12xf32>) -> tensor<1x3x12xf32>
      %multiply.concatenate.filled.next = stablehlo.dynamic_update_slice %multiply.concatenate.filled, %concatenate_5.piece, %t, %i32_0, %i32_0 : (tensor<7x3x12xf32>, tensor<1x3x12xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x12xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %add_6, %multiply.concatenate.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<7x3x12xf32>
    }
    %multiply.sequence = stablehlo.slice %forward#2 [0:7, 0:3, 8:12] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %multiply.sequence_1 = stablehlo.slice %backward#2 [0:7, 0:3, 0:4] : (tensor<7x3x12xf32>) -> tensor<7x3x4xf32>
    %product_5 = stablehlo.dot_general %multiply.sequence, %multiply.sequence_1, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x4xf32>) -> tensor<4x4xf32>
    %multiply.sequence_2 = stablehlo.slice %backward#2 [0:7, 0:3, 4:8] : (tensor<7x3x12xf32>) -> tensor<7x3x4xf32>
    %multiply.sequence_3 = stablehlo.slice %backward#2 [0:7, 0:3, 8:12] : (tensor<7x3x12xf32>) -> tensor<7x3x4xf32>
    %concatenate_6 = stablehlo.concatenate %multiply.sequence_2, %multiply.sequence_3, %multiply.sequence_1, dim = 2 : (tensor<7x3x4xf32>, tensor<7x3x4xf32>, tensor<7x3x4xf32>) -> tensor<7x3x12xf32>
    %product_6 = stablehlo.dot_general %x, %concatenate_6, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<7x3x12xf32>) -> tensor<3x12xf32>
    %slice_12 = stablehlo.slice %product_6 [0:3, 8:12] : (tensor<3x12xf32>) -> tensor<3x4xf32>
    %concatenate_7 = stablehlo.concatenate %product_5, %slice_12, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %delay.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 0:4] : (tensor<8x3x4xf32>) -> tensor<7x3x4xf32>
    %concatenate.sequence = stablehlo.slice %backward#2 [0:7, 0:3, 4:12] : (tensor<7x3x12xf32>) -> tensor<7x3x8xf32>
    %product_7 = stablehlo.dot_general %delay.sequence, %concatenate.sequence, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x8xf32>) -> tensor<4x8xf32>
    %slice_13 = stablehlo.slice %product_7 [0:4, 4:8] : (tensor<4x8xf32>) -> tensor<4x4xf32>
    %slice_14 = stablehlo.slice %product_6 [0:3, 4:8] : (tensor<3x12xf32>) -> tensor<3x4xf32>
    %concatenate_8 = stablehlo.concatenate %slice_13, %slice_14, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_15 = stablehlo.slice %product_7 [0:4, 0:4] : (tensor<4x8xf32>) -> tensor<4x4xf32>
    %slice_16 = stablehlo.slice %product_6 [0:3, 0:4] : (tensor<3x12xf32>) -> tensor<3x4xf32>
    %concatenate_9 = stablehlo.concatenate %slice_15, %slice_16, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %sum_2 = stablehlo.reduce(%concatenate_6 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x12xf32>, tensor<f32>) -> tensor<12xf32>
    %slice_17 = stablehlo.slice %sum_2 [0:4] : (tensor<12xf32>) -> tensor<4xf32>
    %slice_18 = stablehlo.slice %sum_2 [4:8] : (tensor<12xf32>) -> tensor<4xf32>
    %slice_19 = stablehlo.slice %sum_2 [8:12] : (tensor<12xf32>) -> tensor<4xf32>
    return %divide, %concatenate_9, %slice_17, %concatenate_8, %slice_18, %concatenate_7, %slice_19 : tensor<f32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>
  }
}
