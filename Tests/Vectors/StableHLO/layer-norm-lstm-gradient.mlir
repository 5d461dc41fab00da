module @layer_norm_lstm_gradient {
  func.func public @main(
      %x: tensor<7x3x3xf32>,
      %input.weight: tensor<7x4xf32>,
      %input.scale: tensor<4xf32>,
      %forget.weight: tensor<7x4xf32>,
      %candidate.weight: tensor<7x4xf32>,
      %output.weight: tensor<7x4xf32>,
      %input.bias: tensor<4xf32>,
      %forget.scale: tensor<4xf32>,
      %forget.bias: tensor<4xf32>,
      %candidate.scale: tensor<4xf32>,
      %candidate.bias: tensor<4xf32>,
      %output.scale: tensor<4xf32>,
      %output.bias: tensor<4xf32>,
      %cell.scale: tensor<4xf32>,
      %cell.bias: tensor<4xf32>
  ) -> (
      tensor<f32> {ebb.name = "loss"},
      tensor<7x4xf32> {ebb.name = "gradient/input.weight"},
      tensor<4xf32> {ebb.name = "gradient/input.scale"},
      tensor<4xf32> {ebb.name = "gradient/input.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/forget.weight"},
      tensor<4xf32> {ebb.name = "gradient/forget.scale"},
      tensor<4xf32> {ebb.name = "gradient/forget.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/candidate.weight"},
      tensor<4xf32> {ebb.name = "gradient/candidate.scale"},
      tensor<4xf32> {ebb.name = "gradient/candidate.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/output.weight"},
      tensor<4xf32> {ebb.name = "gradient/output.scale"},
      tensor<4xf32> {ebb.name = "gradient/output.bias"},
      tensor<4xf32> {ebb.name = "gradient/cell.scale"},
      tensor<4xf32> {ebb.name = "gradient/cell.bias"}
  ) {
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %f32_1.1258999e_15 = stablehlo.constant dense<1.1258999e+15> : tensor<f32>
    %f32_2.1175824e-22 = stablehlo.constant dense<2.1175824e-22> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %f32_1.1754944e-38 = stablehlo.constant dense<1.1754944e-38> : tensor<f32>
    %f32_1.0e-05 = stablehlo.constant dense<1.0e-05> : tensor<f32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.25 = stablehlo.constant dense<0.25> : tensor<f32>
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
    %f32_0.0.all.all = stablehlo.broadcast_in_dim %f32_0.0.all, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x55xf32>
    %zeros_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<8x3x8xf32>
    %concatenate_2 = stablehlo.concatenate %f32_0.0.all.all, %f32_0.0.all.all, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
    %concatenate_2.piece = stablehlo.reshape %concatenate_2 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
    %c.h.start = stablehlo.dynamic_update_slice %zeros_1, %concatenate_2.piece, %i32_0, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
    // forward along t
    %forward:5 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %c.previous = %f32_0.0.all.all, %select.subtract.sqrt.reciprocal.input.select.subtract.sqrt.reciprocal.forget.select.subtract.sqrt.reciprocal.candidate.select.subtract.sqrt.reciprocal.output.select.subtract.sqrt.reciprocal.tanh.filled = %zeros, %c.h.filled = %c.h.start) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x55xf32>, tensor<8x3x8xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %h.previous, %concatenate, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x16xf32>) -> tensor<3x16xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %add = stablehlo.add %product_1, %product.t_1 : tensor<3x16xf32>
      %slice_8 = stablehlo.slice %add [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %abs = stablehlo.abs %slice_8 : tensor<3x4xf32>
      %largest = stablehlo.reduce(%abs init: %f32_0.0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %is_finite = stablehlo.is_finite %largest : (tensor<3xf32>) -> tensor<3xi1>
      %f32_0.0.all_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %compare = stablehlo.compare GT, %largest, %f32_0.0.all_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %and = stablehlo.and %is_finite, %compare : tensor<3xi1>
      %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %select = stablehlo.select %and, %largest, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %broadcast_in_dim = stablehlo.broadcast_in_dim %select, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %divide = stablehlo.divide %slice_8, %broadcast_in_dim : tensor<3x4xf32>
      %multiply = stablehlo.multiply %divide, %divide : tensor<3x4xf32>
      %sum = stablehlo.reduce(%multiply init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %sqrt = stablehlo.sqrt %sum : tensor<3xf32>
      %multiply_1 = stablehlo.multiply %select, %sqrt : tensor<3xf32>
      %norm = stablehlo.select %and, %multiply_1, %largest : tensor<3xi1>, tensor<3xf32>
      %f32_1.1258999e_15.all = stablehlo.broadcast_in_dim %f32_1.1258999e_15, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %compare_1 = stablehlo.compare LT, %f32_1.1258999e_15.all, %norm, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %f32_2.1175824e-22.all = stablehlo.broadcast_in_dim %f32_2.1175824e-22, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %select_1 = stablehlo.select %compare_1, %f32_2.1175824e-22.all, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %f32_1.1754944e-38.all = stablehlo.broadcast_in_dim %f32_1.1754944e-38, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %f32_1.0e-05.all = stablehlo.broadcast_in_dim %f32_1.0e-05, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %select_2 = stablehlo.select %compare_1, %f32_1.1754944e-38.all, %f32_1.0e-05.all : tensor<3xi1>, tensor<3xf32>
      %select_1.all = stablehlo.broadcast_in_dim %select_1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_2 = stablehlo.multiply %slice_8, %select_1.all : tensor<3x4xf32>
      %f32_0.25.all = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_3 = stablehlo.multiply %slice_8, %f32_0.25.all : tensor<3x4xf32>
      %sum_1 = stablehlo.reduce(%multiply_3 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean = stablehlo.multiply %sum_1, %f32_1.0.all : tensor<3xf32>
      %multiply_4 = stablehlo.multiply %select_1, %mean : tensor<3xf32>
      %multiply_4.all = stablehlo.broadcast_in_dim %multiply_4, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract = stablehlo.subtract %multiply_2, %multiply_4.all : tensor<3x4xf32>
      %multiply_5 = stablehlo.multiply %subtract, %subtract : tensor<3x4xf32>
      %multiply_6 = stablehlo.multiply %multiply_5, %f32_0.25.all : tensor<3x4xf32>
      %sum_2 = stablehlo.reduce(%multiply_6 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_1 = stablehlo.multiply %sum_2, %f32_1.0.all : tensor<3xf32>
      %add_1 = stablehlo.add %mean_1, %select_2 : tensor<3xf32>
      %sqrt_1 = stablehlo.sqrt %add_1 : tensor<3xf32>
      %divide_1 = stablehlo.divide %f32_1.0.all, %sqrt_1 : tensor<3xf32>
      %divide_1.all = stablehlo.broadcast_in_dim %divide_1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_7 = stablehlo.multiply %subtract, %divide_1.all : tensor<3x4xf32>
      %input.scale.all = stablehlo.broadcast_in_dim %input.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_8 = stablehlo.multiply %input.scale.all, %multiply_7 : tensor<3x4xf32>
      %input.bias.all = stablehlo.broadcast_in_dim %input.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_2 = stablehlo.add %multiply_8, %input.bias.all : tensor<3x4xf32>
      %input.next = stablehlo.logistic %add_2 : tensor<3x4xf32>
      %slice_9 = stablehlo.slice %add [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %abs_1 = stablehlo.abs %slice_9 : tensor<3x4xf32>
      %largest_1 = stablehlo.reduce(%abs_1 init: %f32_0.0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %is_finite_1 = stablehlo.is_finite %largest_1 : (tensor<3xf32>) -> tensor<3xi1>
      %compare_2 = stablehlo.compare GT, %largest_1, %f32_0.0.all_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %and_1 = stablehlo.and %is_finite_1, %compare_2 : tensor<3xi1>
      %select_3 = stablehlo.select %and_1, %largest_1, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %broadcast_in_dim_1 = stablehlo.broadcast_in_dim %select_3, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %divide_2 = stablehlo.divide %slice_9, %broadcast_in_dim_1 : tensor<3x4xf32>
      %multiply_9 = stablehlo.multiply %divide_2, %divide_2 : tensor<3x4xf32>
      %sum_3 = stablehlo.reduce(%multiply_9 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %sqrt_2 = stablehlo.sqrt %sum_3 : tensor<3xf32>
      %multiply_10 = stablehlo.multiply %select_3, %sqrt_2 : tensor<3xf32>
      %norm_1 = stablehlo.select %and_1, %multiply_10, %largest_1 : tensor<3xi1>, tensor<3xf32>
      %compare_3 = stablehlo.compare LT, %f32_1.1258999e_15.all, %norm_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %select_4 = stablehlo.select %compare_3, %f32_2.1175824e-22.all, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %select_5 = stablehlo.select %compare_3, %f32_1.1754944e-38.all, %f32_1.0e-05.all : tensor<3xi1>, tensor<3xf32>
      %select_4.all = stablehlo.broadcast_in_dim %select_4, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_11 = stablehlo.multiply %slice_9, %select_4.all : tensor<3x4xf32>
      %multiply_12 = stablehlo.multiply %slice_9, %f32_0.25.all : tensor<3x4xf32>
      %sum_4 = stablehlo.reduce(%multiply_12 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_2 = stablehlo.multiply %sum_4, %f32_1.0.all : tensor<3xf32>
      %multiply_13 = stablehlo.multiply %select_4, %mean_2 : tensor<3xf32>
      %multiply_13.all = stablehlo.broadcast_in_dim %multiply_13, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract_1 = stablehlo.subtract %multiply_11, %multiply_13.all : tensor<3x4xf32>
      %multiply_14 = stablehlo.multiply %subtract_1, %subtract_1 : tensor<3x4xf32>
      %multiply_15 = stablehlo.multiply %multiply_14, %f32_0.25.all : tensor<3x4xf32>
      %sum_5 = stablehlo.reduce(%multiply_15 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_3 = stablehlo.multiply %sum_5, %f32_1.0.all : tensor<3xf32>
      %add_3 = stablehlo.add %mean_3, %select_5 : tensor<3xf32>
      %sqrt_3 = stablehlo.sqrt %add_3 : tensor<3xf32>
      %divide_3 = stablehlo.divide %f32_1.0.all, %sqrt_3 : tensor<3xf32>
      %divide_3.all = stablehlo.broadcast_in_dim %divide_3, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_16 = stablehlo.multiply %subtract_1, %divide_3.all : tensor<3x4xf32>
      %forget.scale.all = stablehlo.broadcast_in_dim %forget.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_17 = stablehlo.multiply %forget.scale.all, %multiply_16 : tensor<3x4xf32>
      %forget.bias.all = stablehlo.broadcast_in_dim %forget.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_4 = stablehlo.add %multiply_17, %forget.bias.all : tensor<3x4xf32>
      %forget.next = stablehlo.logistic %add_4 : tensor<3x4xf32>
      %slice_10 = stablehlo.slice %add [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %abs_2 = stablehlo.abs %slice_10 : tensor<3x4xf32>
      %largest_2 = stablehlo.reduce(%abs_2 init: %f32_0.0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %is_finite_2 = stablehlo.is_finite %largest_2 : (tensor<3xf32>) -> tensor<3xi1>
      %compare_4 = stablehlo.compare GT, %largest_2, %f32_0.0.all_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %and_2 = stablehlo.and %is_finite_2, %compare_4 : tensor<3xi1>
      %select_6 = stablehlo.select %and_2, %largest_2, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %broadcast_in_dim_2 = stablehlo.broadcast_in_dim %select_6, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %divide_4 = stablehlo.divide %slice_10, %broadcast_in_dim_2 : tensor<3x4xf32>
      %multiply_18 = stablehlo.multiply %divide_4, %divide_4 : tensor<3x4xf32>
      %sum_6 = stablehlo.reduce(%multiply_18 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %sqrt_4 = stablehlo.sqrt %sum_6 : tensor<3xf32>
      %multiply_19 = stablehlo.multiply %select_6, %sqrt_4 : tensor<3xf32>
      %norm_2 = stablehlo.select %and_2, %multiply_19, %largest_2 : tensor<3xi1>, tensor<3xf32>
      %compare_5 = stablehlo.compare LT, %f32_1.1258999e_15.all, %norm_2, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %select_7 = stablehlo.select %compare_5, %f32_2.1175824e-22.all, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %select_8 = stablehlo.select %compare_5, %f32_1.1754944e-38.all, %f32_1.0e-05.all : tensor<3xi1>, tensor<3xf32>
      %select_7.all = stablehlo.broadcast_in_dim %select_7, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_20 = stablehlo.multiply %slice_10, %select_7.all : tensor<3x4xf32>
      %multiply_21 = stablehlo.multiply %slice_10, %f32_0.25.all : tensor<3x4xf32>
      %sum_7 = stablehlo.reduce(%multiply_21 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_4 = stablehlo.multiply %sum_7, %f32_1.0.all : tensor<3xf32>
      %multiply_22 = stablehlo.multiply %select_7, %mean_4 : tensor<3xf32>
      %multiply_22.all = stablehlo.broadcast_in_dim %multiply_22, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract_2 = stablehlo.subtract %multiply_20, %multiply_22.all : tensor<3x4xf32>
      %multiply_23 = stablehlo.multiply %subtract_2, %subtract_2 : tensor<3x4xf32>
      %multiply_24 = stablehlo.multiply %multiply_23, %f32_0.25.all : tensor<3x4xf32>
      %sum_8 = stablehlo.reduce(%multiply_24 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_5 = stablehlo.multiply %sum_8, %f32_1.0.all : tensor<3xf32>
      %add_5 = stablehlo.add %mean_5, %select_8 : tensor<3xf32>
      %sqrt_5 = stablehlo.sqrt %add_5 : tensor<3xf32>
      %divide_5 = stablehlo.divide %f32_1.0.all, %sqrt_5 : tensor<3xf32>
      %divide_5.all = stablehlo.broadcast_in_dim %divide_5, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_25 = stablehlo.multiply %subtract_2, %divide_5.all : tensor<3x4xf32>
      %candidate.scale.all = stablehlo.broadcast_in_dim %candidate.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_26 = stablehlo.multiply %candidate.scale.all, %multiply_25 : tensor<3x4xf32>
      %candidate.bias.all = stablehlo.broadcast_in_dim %candidate.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_6 = stablehlo.add %multiply_26, %candidate.bias.all : tensor<3x4xf32>
      %candidate.next = stablehlo.tanh %add_6 : tensor<3x4xf32>
      %slice_11 = stablehlo.slice %add [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %abs_3 = stablehlo.abs %slice_11 : tensor<3x4xf32>
      %largest_3 = stablehlo.reduce(%abs_3 init: %f32_0.0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %is_finite_3 = stablehlo.is_finite %largest_3 : (tensor<3xf32>) -> tensor<3xi1>
      %compare_6 = stablehlo.compare GT, %largest_3, %f32_0.0.all_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %and_3 = stablehlo.and %is_finite_3, %compare_6 : tensor<3xi1>
      %select_9 = stablehlo.select %and_3, %largest_3, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %broadcast_in_dim_3 = stablehlo.broadcast_in_dim %select_9, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %divide_6 = stablehlo.divide %slice_11, %broadcast_in_dim_3 : tensor<3x4xf32>
      %multiply_27 = stablehlo.multiply %divide_6, %divide_6 : tensor<3x4xf32>
      %sum_9 = stablehlo.reduce(%multiply_27 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %sqrt_6 = stablehlo.sqrt %sum_9 : tensor<3xf32>
      %multiply_28 = stablehlo.multiply %select_9, %sqrt_6 : tensor<3xf32>
      %norm_3 = stablehlo.select %and_3, %multiply_28, %largest_3 : tensor<3xi1>, tensor<3xf32>
      %compare_7 = stablehlo.compare LT, %f32_1.1258999e_15.all, %norm_3, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %select_10 = stablehlo.select %compare_7, %f32_2.1175824e-22.all, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %select_11 = stablehlo.select %compare_7, %f32_1.1754944e-38.all, %f32_1.0e-05.all : tensor<3xi1>, tensor<3xf32>
      %select_10.all = stablehlo.broadcast_in_dim %select_10, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_29 = stablehlo.multiply %slice_11, %select_10.all : tensor<3x4xf32>
      %multiply_30 = stablehlo.multiply %slice_11, %f32_0.25.all : tensor<3x4xf32>
      %sum_10 = stablehlo.reduce(%multiply_30 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_6 = stablehlo.multiply %sum_10, %f32_1.0.all : tensor<3xf32>
      %multiply_31 = stablehlo.multiply %select_10, %mean_6 : tensor<3xf32>
      %multiply_31.all = stablehlo.broadcast_in_dim %multiply_31, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract_3 = stablehlo.subtract %multiply_29, %multiply_31.all : tensor<3x4xf32>
      %multiply_32 = stablehlo.multiply %subtract_3, %subtract_3 : tensor<3x4xf32>
      %multiply_33 = stablehlo.multiply %multiply_32, %f32_0.25.all : tensor<3x4xf32>
      %sum_11 = stablehlo.reduce(%multiply_33 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_7 = stablehlo.multiply %sum_11, %f32_1.0.all : tensor<3xf32>
      %add_7 = stablehlo.add %mean_7, %select_11 : tensor<3xf32>
      %sqrt_7 = stablehlo.sqrt %add_7 : tensor<3xf32>
      %divide_7 = stablehlo.divide %f32_1.0.all, %sqrt_7 : tensor<3xf32>
      %divide_7.all = stablehlo.broadcast_in_dim %divide_7, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_34 = stablehlo.multiply %subtract_3, %divide_7.all : tensor<3x4xf32>
      %output.scale.all = stablehlo.broadcast_in_dim %output.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_35 = stablehlo.multiply %output.scale.all, %multiply_34 : tensor<3x4xf32>
      %output.bias.all = stablehlo.broadcast_in_dim %output.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_8 = stablehlo.add %multiply_35, %output.bias.all : tensor<3x4xf32>
      %output.next = stablehlo.logistic %add_8 : tensor<3x4xf32>
      %multiply_36 = stablehlo.multiply %forget.next, %c.previous : tensor<3x4xf32>
      %multiply_37 = stablehlo.multiply %input.next, %candidate.next : tensor<3x4xf32>
      %c.next = stablehlo.add %multiply_36, %multiply_37 : tensor<3x4xf32>
      %abs_4 = stablehlo.abs %c.next : tensor<3x4xf32>
      %largest_4 = stablehlo.reduce(%abs_4 init: %f32_0.0) applies stablehlo.maximum across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %is_finite_4 = stablehlo.is_finite %largest_4 : (tensor<3xf32>) -> tensor<3xi1>
      %compare_8 = stablehlo.compare GT, %largest_4, %f32_0.0.all_1, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %and_4 = stablehlo.and %is_finite_4, %compare_8 : tensor<3xi1>
      %select_12 = stablehlo.select %and_4, %largest_4, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %broadcast_in_dim_4 = stablehlo.broadcast_in_dim %select_12, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %divide_8 = stablehlo.divide %c.next, %broadcast_in_dim_4 : tensor<3x4xf32>
      %multiply_38 = stablehlo.multiply %divide_8, %divide_8 : tensor<3x4xf32>
      %sum_12 = stablehlo.reduce(%multiply_38 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %sqrt_8 = stablehlo.sqrt %sum_12 : tensor<3xf32>
      %multiply_39 = stablehlo.multiply %select_12, %sqrt_8 : tensor<3xf32>
      %norm_4 = stablehlo.select %and_4, %multiply_39, %largest_4 : tensor<3xi1>, tensor<3xf32>
      %compare_9 = stablehlo.compare LT, %f32_1.1258999e_15.all, %norm_4, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
      %select_13 = stablehlo.select %compare_9, %f32_2.1175824e-22.all, %f32_1.0.all : tensor<3xi1>, tensor<3xf32>
      %select_14 = stablehlo.select %compare_9, %f32_1.1754944e-38.all, %f32_1.0e-05.all : tensor<3xi1>, tensor<3xf32>
      %select_13.all = stablehlo.broadcast_in_dim %select_13, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_40 = stablehlo.multiply %c.next, %select_13.all : tensor<3x4xf32>
      %multiply_41 = stablehlo.multiply %c.next, %f32_0.25.all : tensor<3x4xf32>
      %sum_13 = stablehlo.reduce(%multiply_41 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_8 = stablehlo.multiply %sum_13, %f32_1.0.all : tensor<3xf32>
      %multiply_42 = stablehlo.multiply %select_13, %mean_8 : tensor<3xf32>
      %multiply_42.all = stablehlo.broadcast_in_dim %multiply_42, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract_4 = stablehlo.subtract %multiply_40, %multiply_42.all : tensor<3x4xf32>
      %multiply_43 = stablehlo.multiply %subtract_4, %subtract_4 : tensor<3x4xf32>
      %multiply_44 = stablehlo.multiply %multiply_43, %f32_0.25.all : tensor<3x4xf32>
      %sum_14 = stablehlo.reduce(%multiply_44 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %mean_9 = stablehlo.multiply %sum_14, %f32_1.0.all : tensor<3xf32>
      %add_9 = stablehlo.add %mean_9, %select_14 : tensor<3xf32>
      %sqrt_9 = stablehlo.sqrt %add_9 : tensor<3xf32>
      %divide_9 = stablehlo.divide %f32_1.0.all, %sqrt_9 : tensor<3xf32>
      %divide_9.all = stablehlo.broadcast_in_dim %divide_9, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_45 = stablehlo.multiply %subtract_4, %divide_9.all : tensor<3x4xf32>
      %cell.scale.all = stablehlo.broadcast_in_dim %cell.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_46 = stablehlo.multiply %cell.scale.all, %multiply_45 : tensor<3x4xf32>
      %cell.bias.all = stablehlo.broadcast_in_dim %cell.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_10 = stablehlo.add %multiply_46, %cell.bias.all : tensor<3x4xf32>
      %tanh = stablehlo.tanh %add_10 : tensor<3x4xf32>
      %h.next = stablehlo.multiply %output.next, %tanh : tensor<3x4xf32>
      %reshape = stablehlo.reshape %select_1 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_1 = stablehlo.reshape %sqrt_1 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_2 = stablehlo.reshape %divide_1 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_3 = stablehlo.reshape %select_4 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_4 = stablehlo.reshape %sqrt_3 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_5 = stablehlo.reshape %divide_3 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_6 = stablehlo.reshape %select_7 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_7 = stablehlo.reshape %sqrt_5 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_8 = stablehlo.reshape %divide_5 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_9 = stablehlo.reshape %select_10 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_10 = stablehlo.reshape %sqrt_7 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_11 = stablehlo.reshape %divide_7 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_12 = stablehlo.reshape %select_13 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_13 = stablehlo.reshape %sqrt_9 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_14 = stablehlo.reshape %divide_9 : (tensor<3xf32>) -> tensor<3x1xf32>
      %concatenate_3 = stablehlo.concatenate %reshape, %subtract, %reshape_1, %reshape_2, %input.next, %reshape_3, %subtract_1, %reshape_4, %reshape_5, %forget.next, %reshape_6, %subtract_2, %reshape_7, %reshape_8, %candidate.next, %reshape_9, %subtract_3, %reshape_10, %reshape_11, %output.next, %reshape_12, %subtract_4, %reshape_13, %reshape_14, %tanh, dim = 1 : (tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x55xf32>
      %concatenate_3.piece = stablehlo.reshape %concatenate_3 : (tensor<3x55xf32>) -> tensor<1x3x55xf32>
      %select.subtract.sqrt.reciprocal.input.select.subtract.sqrt.reciprocal.forget.select.subtract.sqrt.reciprocal.candidate.select.subtract.sqrt.reciprocal.output.select.subtract.sqrt.reciprocal.tanh.filled.next = stablehlo.dynamic_update_slice %select.subtract.sqrt.reciprocal.input.select.subtract.sqrt.reciprocal.forget.select.subtract.sqrt.reciprocal.candidate.select.subtract.sqrt.reciprocal.output.select.subtract.sqrt.reciprocal.tanh.filled, %concatenate_3.piece, %step, %i32_0, %i32_0 : (tensor<7x3x55xf32>, tensor<1x3x55xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x55xf32>
      %concatenate_4 = stablehlo.concatenate %c.next, %h.next, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
      %t.shifted = stablehlo.add %step, %i32_1 : tensor<i32>
      %concatenate_4.piece = stablehlo.reshape %concatenate_4 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
      %c.h.filled.next = stablehlo.dynamic_update_slice %c.h.filled, %concatenate_4.piece, %t.shifted, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %c.next, %select.subtract.sqrt.reciprocal.input.select.subtract.sqrt.reciprocal.forget.select.subtract.sqrt.reciprocal.candidate.select.subtract.sqrt.reciprocal.output.select.subtract.sqrt.reciprocal.tanh.filled.next, %c.h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x55xf32>, tensor<8x3x8xf32>
    }
    %subtract.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 1:5] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %reciprocal.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 6:7] : (tensor<7x3x55xf32>) -> tensor<7x3x1xf32>
    %reciprocal.sequence_1 = stablehlo.reshape %reciprocal.sequence : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %reciprocal.sequence_1.all = stablehlo.broadcast_in_dim %reciprocal.sequence_1, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_47 = stablehlo.multiply %subtract.sequence, %reciprocal.sequence_1.all : tensor<7x3x4xf32>
    %subtract.sequence_1 = stablehlo.slice %forward#3 [0:7, 0:3, 12:16] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %reciprocal.sequence_2 = stablehlo.slice %forward#3 [0:7, 0:3, 17:18] : (tensor<7x3x55xf32>) -> tensor<7x3x1xf32>
    %reciprocal.sequence_3 = stablehlo.reshape %reciprocal.sequence_2 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %reciprocal.sequence_3.all = stablehlo.broadcast_in_dim %reciprocal.sequence_3, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_48 = stablehlo.multiply %subtract.sequence_1, %reciprocal.sequence_3.all : tensor<7x3x4xf32>
    %subtract.sequence_2 = stablehlo.slice %forward#3 [0:7, 0:3, 23:27] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %reciprocal.sequence_4 = stablehlo.slice %forward#3 [0:7, 0:3, 28:29] : (tensor<7x3x55xf32>) -> tensor<7x3x1xf32>
    %reciprocal.sequence_5 = stablehlo.reshape %reciprocal.sequence_4 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %reciprocal.sequence_5.all = stablehlo.broadcast_in_dim %reciprocal.sequence_5, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_49 = stablehlo.multiply %subtract.sequence_2, %reciprocal.sequence_5.all : tensor<7x3x4xf32>
    %subtract.sequence_3 = stablehlo.slice %forward#3 [0:7, 0:3, 34:38] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %reciprocal.sequence_6 = stablehlo.slice %forward#3 [0:7, 0:3, 39:40] : (tensor<7x3x55xf32>) -> tensor<7x3x1xf32>
    %reciprocal.sequence_7 = stablehlo.reshape %reciprocal.sequence_6 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %reciprocal.sequence_7.all = stablehlo.broadcast_in_dim %reciprocal.sequence_7, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_50 = stablehlo.multiply %subtract.sequence_3, %reciprocal.sequence_7.all : tensor<7x3x4xf32>
    %subtract.sequence_4 = stablehlo.slice %forward#3 [0:7, 0:3, 45:49] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %reciprocal.sequence_8 = stablehlo.slice %forward#3 [0:7, 0:3, 50:51] : (tensor<7x3x55xf32>) -> tensor<7x3x1xf32>
    %reciprocal.sequence_9 = stablehlo.reshape %reciprocal.sequence_8 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %reciprocal.sequence_9.all = stablehlo.broadcast_in_dim %reciprocal.sequence_9, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_51 = stablehlo.multiply %subtract.sequence_4, %reciprocal.sequence_9.all : tensor<7x3x4xf32>
    %output.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 40:44] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %tanh.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 51:55] : (tensor<7x3x55xf32>) -> tensor<7x3x4xf32>
    %multiply_52 = stablehlo.multiply %output.sequence, %tanh.sequence : tensor<7x3x4xf32>
    %multiply_53 = stablehlo.multiply %multiply_52, %multiply_52 : tensor<7x3x4xf32>
    %f32_0.25.all_1 = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %multiply_54 = stablehlo.multiply %multiply_53, %f32_0.25.all_1 : tensor<7x3x4xf32>
    %sum_15 = stablehlo.reduce(%multiply_54 init: %f32_0.0) applies stablehlo.add across dimensions = [2] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<7x3xf32>
    %f32_1.0.all_1 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<7x3xf32>
    %mean_10 = stablehlo.multiply %sum_15, %f32_1.0.all_1 : tensor<7x3xf32>
    %sum_16 = stablehlo.reduce(%mean_10 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3xf32>, tensor<f32>) -> tensor<f32>
    %convert = stablehlo.convert %i32_7 : (tensor<i32>) -> tensor<f32>
    %convert_1 = stablehlo.convert %i32_3 : (tensor<i32>) -> tensor<f32>
    %multiply_55 = stablehlo.multiply %convert, %convert_1 : tensor<f32>
    %divide_10 = stablehlo.divide %sum_16, %multiply_55 : tensor<f32>
    %divide_11 = stablehlo.divide %f32_1.0, %multiply_55 : tensor<f32>
    %multiply_56 = stablehlo.multiply %divide_11, %f32_0.25 : tensor<f32>
    %add_11 = stablehlo.add %multiply_56, %multiply_56 : tensor<f32>
    %zeros_2 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x36xf32>
    // backward along t
    %backward:4 = stablehlo.while(%step_1 = %i32_0, %state.previous = %f32_0.0.all.all, %state.previous_1 = %f32_0.0.all.all, %multiply.multiply.multiply.multiply.multiply.concatenate.filled = %zeros_2) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x36xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %row.t = stablehlo.dynamic_slice %forward#3, %t, %i32_0, %i32_0, sizes = [1, 3, 55] : (tensor<7x3x55xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x55xf32>
      %row.t_1 = stablehlo.reshape %row.t : (tensor<1x3x55xf32>) -> tensor<3x55xf32>
      %output.t = stablehlo.slice %row.t_1 [0:3, 40:44] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %tanh.t = stablehlo.slice %row.t_1 [0:3, 51:55] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_57 = stablehlo.multiply %output.t, %tanh.t : tensor<3x4xf32>
      %add_11.all = stablehlo.broadcast_in_dim %add_11, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_58 = stablehlo.multiply %add_11.all, %multiply_57 : tensor<3x4xf32>
      %add_12 = stablehlo.add %multiply_58, %state.previous : tensor<3x4xf32>
      %multiply_59 = stablehlo.multiply %add_12, %tanh.t : tensor<3x4xf32>
      %multiply_60 = stablehlo.multiply %add_12, %output.t : tensor<3x4xf32>
      %multiply_61 = stablehlo.multiply %tanh.t, %tanh.t : tensor<3x4xf32>
      %f32_1.0.all_2 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract_5 = stablehlo.subtract %f32_1.0.all_2, %multiply_61 : tensor<3x4xf32>
      %multiply_62 = stablehlo.multiply %multiply_60, %subtract_5 : tensor<3x4xf32>
      %cell.scale.all_1 = stablehlo.broadcast_in_dim %cell.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_63 = stablehlo.multiply %multiply_62, %cell.scale.all_1 : tensor<3x4xf32>
      %sqrt.t = stablehlo.slice %row.t_1 [0:3, 49:50] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %sqrt.t_1 = stablehlo.reshape %sqrt.t : (tensor<3x1xf32>) -> tensor<3xf32>
      %f32_1.0.all_3 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %divide_12 = stablehlo.divide %f32_1.0.all_3, %sqrt.t_1 : tensor<3xf32>
      %divide_12.all = stablehlo.broadcast_in_dim %divide_12, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_64 = stablehlo.multiply %multiply_63, %divide_12.all : tensor<3x4xf32>
      %subtract.t = stablehlo.slice %row.t_1 [0:3, 45:49] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_65 = stablehlo.multiply %multiply_63, %subtract.t : tensor<3x4xf32>
      %sum_17 = stablehlo.reduce(%multiply_65 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_66 = stablehlo.multiply %divide_12, %divide_12 : tensor<3xf32>
      %negate = stablehlo.negate %multiply_66 : tensor<3xf32>
      %multiply_67 = stablehlo.multiply %sum_17, %negate : tensor<3xf32>
      %add_13 = stablehlo.add %sqrt.t_1, %sqrt.t_1 : tensor<3xf32>
      %divide_13 = stablehlo.divide %multiply_67, %add_13 : tensor<3xf32>
      %f32_0.25.all_2 = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %multiply_68 = stablehlo.multiply %divide_13, %f32_0.25.all_2 : tensor<3xf32>
      %add_14 = stablehlo.add %multiply_68, %multiply_68 : tensor<3xf32>
      %add_14.all = stablehlo.broadcast_in_dim %add_14, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_69 = stablehlo.multiply %add_14.all, %subtract.t : tensor<3x4xf32>
      %add_15 = stablehlo.add %multiply_64, %multiply_69 : tensor<3x4xf32>
      %sum_18 = stablehlo.reduce(%add_15 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_1 = stablehlo.negate %sum_18 : tensor<3xf32>
      %select.t = stablehlo.slice %row.t_1 [0:3, 44:45] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %select.t_1 = stablehlo.reshape %select.t : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_70 = stablehlo.multiply %negate_1, %select.t_1 : tensor<3xf32>
      %select.t_1.all = stablehlo.broadcast_in_dim %select.t_1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_71 = stablehlo.multiply %add_15, %select.t_1.all : tensor<3x4xf32>
      %multiply_72 = stablehlo.multiply %multiply_70, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_72.all = stablehlo.broadcast_in_dim %multiply_72, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_16 = stablehlo.add %multiply_72.all, %multiply_71 : tensor<3x4xf32>
      %add_17 = stablehlo.add %add_16, %state.previous_1 : tensor<3x4xf32>
      %candidate.t = stablehlo.slice %row.t_1 [0:3, 29:33] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_73 = stablehlo.multiply %add_17, %candidate.t : tensor<3x4xf32>
      %input.t = stablehlo.slice %row.t_1 [0:3, 7:11] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_74 = stablehlo.multiply %add_17, %input.t : tensor<3x4xf32>
      %row.t_2 = stablehlo.dynamic_slice %forward#4, %t, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_3 = stablehlo.reshape %row.t_2 : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %delay.t = stablehlo.slice %row.t_3 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %multiply_75 = stablehlo.multiply %add_17, %delay.t : tensor<3x4xf32>
      %forget.t = stablehlo.slice %row.t_1 [0:3, 18:22] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_76 = stablehlo.multiply %add_17, %forget.t : tensor<3x4xf32>
      %subtract_6 = stablehlo.subtract %f32_1.0.all_2, %output.t : tensor<3x4xf32>
      %multiply_77 = stablehlo.multiply %output.t, %subtract_6 : tensor<3x4xf32>
      %multiply_78 = stablehlo.multiply %multiply_59, %multiply_77 : tensor<3x4xf32>
      %output.scale.all_1 = stablehlo.broadcast_in_dim %output.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_79 = stablehlo.multiply %multiply_78, %output.scale.all_1 : tensor<3x4xf32>
      %sqrt.t_2 = stablehlo.slice %row.t_1 [0:3, 38:39] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %sqrt.t_3 = stablehlo.reshape %sqrt.t_2 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_14 = stablehlo.divide %f32_1.0.all_3, %sqrt.t_3 : tensor<3xf32>
      %divide_14.all = stablehlo.broadcast_in_dim %divide_14, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_80 = stablehlo.multiply %multiply_79, %divide_14.all : tensor<3x4xf32>
      %subtract.t_1 = stablehlo.slice %row.t_1 [0:3, 34:38] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_81 = stablehlo.multiply %multiply_79, %subtract.t_1 : tensor<3x4xf32>
      %sum_19 = stablehlo.reduce(%multiply_81 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_82 = stablehlo.multiply %divide_14, %divide_14 : tensor<3xf32>
      %negate_2 = stablehlo.negate %multiply_82 : tensor<3xf32>
      %multiply_83 = stablehlo.multiply %sum_19, %negate_2 : tensor<3xf32>
      %add_18 = stablehlo.add %sqrt.t_3, %sqrt.t_3 : tensor<3xf32>
      %divide_15 = stablehlo.divide %multiply_83, %add_18 : tensor<3xf32>
      %multiply_84 = stablehlo.multiply %divide_15, %f32_0.25.all_2 : tensor<3xf32>
      %add_19 = stablehlo.add %multiply_84, %multiply_84 : tensor<3xf32>
      %add_19.all = stablehlo.broadcast_in_dim %add_19, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_85 = stablehlo.multiply %add_19.all, %subtract.t_1 : tensor<3x4xf32>
      %add_20 = stablehlo.add %multiply_80, %multiply_85 : tensor<3x4xf32>
      %sum_20 = stablehlo.reduce(%add_20 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_3 = stablehlo.negate %sum_20 : tensor<3xf32>
      %select.t_2 = stablehlo.slice %row.t_1 [0:3, 33:34] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %select.t_3 = stablehlo.reshape %select.t_2 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_86 = stablehlo.multiply %negate_3, %select.t_3 : tensor<3xf32>
      %select.t_3.all = stablehlo.broadcast_in_dim %select.t_3, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_87 = stablehlo.multiply %add_20, %select.t_3.all : tensor<3x4xf32>
      %multiply_88 = stablehlo.multiply %multiply_86, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_88.all = stablehlo.broadcast_in_dim %multiply_88, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_21 = stablehlo.add %multiply_88.all, %multiply_87 : tensor<3x4xf32>
      %multiply_89 = stablehlo.multiply %candidate.t, %candidate.t : tensor<3x4xf32>
      %subtract_7 = stablehlo.subtract %f32_1.0.all_2, %multiply_89 : tensor<3x4xf32>
      %multiply_90 = stablehlo.multiply %multiply_74, %subtract_7 : tensor<3x4xf32>
      %candidate.scale.all_1 = stablehlo.broadcast_in_dim %candidate.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_91 = stablehlo.multiply %multiply_90, %candidate.scale.all_1 : tensor<3x4xf32>
      %sqrt.t_4 = stablehlo.slice %row.t_1 [0:3, 27:28] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %sqrt.t_5 = stablehlo.reshape %sqrt.t_4 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_16 = stablehlo.divide %f32_1.0.all_3, %sqrt.t_5 : tensor<3xf32>
      %divide_16.all = stablehlo.broadcast_in_dim %divide_16, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_92 = stablehlo.multiply %multiply_91, %divide_16.all : tensor<3x4xf32>
      %subtract.t_2 = stablehlo.slice %row.t_1 [0:3, 23:27] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_93 = stablehlo.multiply %multiply_91, %subtract.t_2 : tensor<3x4xf32>
      %sum_21 = stablehlo.reduce(%multiply_93 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_94 = stablehlo.multiply %divide_16, %divide_16 : tensor<3xf32>
      %negate_4 = stablehlo.negate %multiply_94 : tensor<3xf32>
      %multiply_95 = stablehlo.multiply %sum_21, %negate_4 : tensor<3xf32>
      %add_22 = stablehlo.add %sqrt.t_5, %sqrt.t_5 : tensor<3xf32>
      %divide_17 = stablehlo.divide %multiply_95, %add_22 : tensor<3xf32>
      %multiply_96 = stablehlo.multiply %divide_17, %f32_0.25.all_2 : tensor<3xf32>
      %add_23 = stablehlo.add %multiply_96, %multiply_96 : tensor<3xf32>
      %add_23.all = stablehlo.broadcast_in_dim %add_23, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_97 = stablehlo.multiply %add_23.all, %subtract.t_2 : tensor<3x4xf32>
      %add_24 = stablehlo.add %multiply_92, %multiply_97 : tensor<3x4xf32>
      %sum_22 = stablehlo.reduce(%add_24 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_5 = stablehlo.negate %sum_22 : tensor<3xf32>
      %select.t_4 = stablehlo.slice %row.t_1 [0:3, 22:23] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %select.t_5 = stablehlo.reshape %select.t_4 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_98 = stablehlo.multiply %negate_5, %select.t_5 : tensor<3xf32>
      %select.t_5.all = stablehlo.broadcast_in_dim %select.t_5, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_99 = stablehlo.multiply %add_24, %select.t_5.all : tensor<3x4xf32>
      %multiply_100 = stablehlo.multiply %multiply_98, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_100.all = stablehlo.broadcast_in_dim %multiply_100, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_25 = stablehlo.add %multiply_100.all, %multiply_99 : tensor<3x4xf32>
      %subtract_8 = stablehlo.subtract %f32_1.0.all_2, %forget.t : tensor<3x4xf32>
      %multiply_101 = stablehlo.multiply %forget.t, %subtract_8 : tensor<3x4xf32>
      %multiply_102 = stablehlo.multiply %multiply_75, %multiply_101 : tensor<3x4xf32>
      %forget.scale.all_1 = stablehlo.broadcast_in_dim %forget.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_103 = stablehlo.multiply %multiply_102, %forget.scale.all_1 : tensor<3x4xf32>
      %sqrt.t_6 = stablehlo.slice %row.t_1 [0:3, 16:17] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %sqrt.t_7 = stablehlo.reshape %sqrt.t_6 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_18 = stablehlo.divide %f32_1.0.all_3, %sqrt.t_7 : tensor<3xf32>
      %divide_18.all = stablehlo.broadcast_in_dim %divide_18, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_104 = stablehlo.multiply %multiply_103, %divide_18.all : tensor<3x4xf32>
      %subtract.t_3 = stablehlo.slice %row.t_1 [0:3, 12:16] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_105 = stablehlo.multiply %multiply_103, %subtract.t_3 : tensor<3x4xf32>
      %sum_23 = stablehlo.reduce(%multiply_105 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_106 = stablehlo.multiply %divide_18, %divide_18 : tensor<3xf32>
      %negate_6 = stablehlo.negate %multiply_106 : tensor<3xf32>
      %multiply_107 = stablehlo.multiply %sum_23, %negate_6 : tensor<3xf32>
      %add_26 = stablehlo.add %sqrt.t_7, %sqrt.t_7 : tensor<3xf32>
      %divide_19 = stablehlo.divide %multiply_107, %add_26 : tensor<3xf32>
      %multiply_108 = stablehlo.multiply %divide_19, %f32_0.25.all_2 : tensor<3xf32>
      %add_27 = stablehlo.add %multiply_108, %multiply_108 : tensor<3xf32>
      %add_27.all = stablehlo.broadcast_in_dim %add_27, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_109 = stablehlo.multiply %add_27.all, %subtract.t_3 : tensor<3x4xf32>
      %add_28 = stablehlo.add %multiply_104, %multiply_109 : tensor<3x4xf32>
      %sum_24 = stablehlo.reduce(%add_28 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_7 = stablehlo.negate %sum_24 : tensor<3xf32>
      %select.t_6 = stablehlo.slice %row.t_1 [0:3, 11:12] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %select.t_7 = stablehlo.reshape %select.t_6 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_110 = stablehlo.multiply %negate_7, %select.t_7 : tensor<3xf32>
      %select.t_7.all = stablehlo.broadcast_in_dim %select.t_7, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_111 = stablehlo.multiply %add_28, %select.t_7.all : tensor<3x4xf32>
      %multiply_112 = stablehlo.multiply %multiply_110, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_112.all = stablehlo.broadcast_in_dim %multiply_112, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_29 = stablehlo.add %multiply_112.all, %multiply_111 : tensor<3x4xf32>
      %subtract_9 = stablehlo.subtract %f32_1.0.all_2, %input.t : tensor<3x4xf32>
      %multiply_113 = stablehlo.multiply %input.t, %subtract_9 : tensor<3x4xf32>
      %multiply_114 = stablehlo.multiply %multiply_73, %multiply_113 : tensor<3x4xf32>
      %input.scale.all_1 = stablehlo.broadcast_in_dim %input.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_115 = stablehlo.multiply %multiply_114, %input.scale.all_1 : tensor<3x4xf32>
      %sqrt.t_8 = stablehlo.slice %row.t_1 [0:3, 5:6] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %sqrt.t_9 = stablehlo.reshape %sqrt.t_8 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_20 = stablehlo.divide %f32_1.0.all_3, %sqrt.t_9 : tensor<3xf32>
      %divide_20.all = stablehlo.broadcast_in_dim %divide_20, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_116 = stablehlo.multiply %multiply_115, %divide_20.all : tensor<3x4xf32>
      %subtract.t_4 = stablehlo.slice %row.t_1 [0:3, 1:5] : (tensor<3x55xf32>) -> tensor<3x4xf32>
      %multiply_117 = stablehlo.multiply %multiply_115, %subtract.t_4 : tensor<3x4xf32>
      %sum_25 = stablehlo.reduce(%multiply_117 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_118 = stablehlo.multiply %divide_20, %divide_20 : tensor<3xf32>
      %negate_8 = stablehlo.negate %multiply_118 : tensor<3xf32>
      %multiply_119 = stablehlo.multiply %sum_25, %negate_8 : tensor<3xf32>
      %add_30 = stablehlo.add %sqrt.t_9, %sqrt.t_9 : tensor<3xf32>
      %divide_21 = stablehlo.divide %multiply_119, %add_30 : tensor<3xf32>
      %multiply_120 = stablehlo.multiply %divide_21, %f32_0.25.all_2 : tensor<3xf32>
      %add_31 = stablehlo.add %multiply_120, %multiply_120 : tensor<3xf32>
      %add_31.all = stablehlo.broadcast_in_dim %add_31, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_121 = stablehlo.multiply %add_31.all, %subtract.t_4 : tensor<3x4xf32>
      %add_32 = stablehlo.add %multiply_116, %multiply_121 : tensor<3x4xf32>
      %sum_26 = stablehlo.reduce(%add_32 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_9 = stablehlo.negate %sum_26 : tensor<3xf32>
      %select.t_8 = stablehlo.slice %row.t_1 [0:3, 0:1] : (tensor<3x55xf32>) -> tensor<3x1xf32>
      %select.t_9 = stablehlo.reshape %select.t_8 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_122 = stablehlo.multiply %negate_9, %select.t_9 : tensor<3xf32>
      %select.t_9.all = stablehlo.broadcast_in_dim %select.t_9, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_123 = stablehlo.multiply %add_32, %select.t_9.all : tensor<3x4xf32>
      %multiply_124 = stablehlo.multiply %multiply_122, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_124.all = stablehlo.broadcast_in_dim %multiply_124, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_33 = stablehlo.add %multiply_124.all, %multiply_123 : tensor<3x4xf32>
      %concatenate_5 = stablehlo.concatenate %add_33, %add_29, %add_25, %add_21, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %product_2 = stablehlo.dot_general %concatenate_5, %concatenate, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x16xf32>, tensor<4x16xf32>) -> tensor<3x4xf32>
      %concatenate_6 = stablehlo.concatenate %multiply_62, %multiply_78, %multiply_90, %multiply_102, %multiply_114, %concatenate_5, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x16xf32>) -> tensor<3x36xf32>
      %concatenate_6.piece = stablehlo.reshape %concatenate_6 : (tensor<3x36xf32>) -> tensor<1x3x36xf32>
      %multiply.multiply.multiply.multiply.multiply.concatenate.filled.next = stablehlo.dynamic_update_slice %multiply.multiply.multiply.multiply.multiply.concatenate.filled, %concatenate_6.piece, %t, %i32_0, %i32_0 : (tensor<7x3x36xf32>, tensor<1x3x36xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x36xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %product_2, %multiply_76, %multiply.multiply.multiply.multiply.multiply.concatenate.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x36xf32>
    }
    %multiply.sequence = stablehlo.slice %backward#3 [0:7, 0:3, 0:4] : (tensor<7x3x36xf32>) -> tensor<7x3x4xf32>
    %sum_27 = stablehlo.reduce(%multiply.sequence init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_125 = stablehlo.multiply %multiply.sequence, %multiply_51 : tensor<7x3x4xf32>
    %sum_28 = stablehlo.reduce(%multiply_125 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_1 = stablehlo.slice %backward#3 [0:7, 0:3, 4:8] : (tensor<7x3x36xf32>) -> tensor<7x3x4xf32>
    %sum_29 = stablehlo.reduce(%multiply.sequence_1 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_126 = stablehlo.multiply %multiply.sequence_1, %multiply_50 : tensor<7x3x4xf32>
    %sum_30 = stablehlo.reduce(%multiply_126 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_2 = stablehlo.slice %backward#3 [0:7, 0:3, 8:12] : (tensor<7x3x36xf32>) -> tensor<7x3x4xf32>
    %sum_31 = stablehlo.reduce(%multiply.sequence_2 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_127 = stablehlo.multiply %multiply.sequence_2, %multiply_49 : tensor<7x3x4xf32>
    %sum_32 = stablehlo.reduce(%multiply_127 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_3 = stablehlo.slice %backward#3 [0:7, 0:3, 12:16] : (tensor<7x3x36xf32>) -> tensor<7x3x4xf32>
    %sum_33 = stablehlo.reduce(%multiply.sequence_3 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_128 = stablehlo.multiply %multiply.sequence_3, %multiply_48 : tensor<7x3x4xf32>
    %sum_34 = stablehlo.reduce(%multiply_128 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_4 = stablehlo.slice %backward#3 [0:7, 0:3, 16:20] : (tensor<7x3x36xf32>) -> tensor<7x3x4xf32>
    %sum_35 = stablehlo.reduce(%multiply.sequence_4 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_129 = stablehlo.multiply %multiply.sequence_4, %multiply_47 : tensor<7x3x4xf32>
    %sum_36 = stablehlo.reduce(%multiply_129 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %delay.sequence = stablehlo.slice %forward#4 [0:7, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %delay.sequence_1 = stablehlo.slice %delay.sequence [0:7, 0:3, 4:8] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %concatenate.sequence = stablehlo.slice %backward#3 [0:7, 0:3, 20:36] : (tensor<7x3x36xf32>) -> tensor<7x3x16xf32>
    %product_3 = stablehlo.dot_general %delay.sequence_1, %concatenate.sequence, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x16xf32>) -> tensor<4x16xf32>
    %slice_12 = stablehlo.slice %product_3 [0:4, 12:16] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %product_4 = stablehlo.dot_general %x, %concatenate.sequence, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<7x3x16xf32>) -> tensor<3x16xf32>
    %slice_13 = stablehlo.slice %product_4 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_7 = stablehlo.concatenate %slice_12, %slice_13, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_14 = stablehlo.slice %product_3 [0:4, 8:12] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_15 = stablehlo.slice %product_4 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_8 = stablehlo.concatenate %slice_14, %slice_15, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_16 = stablehlo.slice %product_3 [0:4, 4:8] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_17 = stablehlo.slice %product_4 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_9 = stablehlo.concatenate %slice_16, %slice_17, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_18 = stablehlo.slice %product_3 [0:4, 0:4] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_19 = stablehlo.slice %product_4 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_10 = stablehlo.concatenate %slice_18, %slice_19, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    return %divide_10, %concatenate_10, %sum_36, %sum_35, %concatenate_9, %sum_34, %sum_33, %concatenate_8, %sum_32, %sum_31, %concatenate_7, %sum_30, %sum_29, %sum_28, %sum_27 : tensor<f32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
}
