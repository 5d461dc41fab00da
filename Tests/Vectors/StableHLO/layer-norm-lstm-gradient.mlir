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
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x11xf32>
    %zeros_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x16xf32>
    %zeros_2 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<8x3x8xf32>
    %concatenate_2 = stablehlo.concatenate %f32_0.0.all.all, %f32_0.0.all.all, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
    %concatenate_2.piece = stablehlo.reshape %concatenate_2 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
    %c.h.start = stablehlo.dynamic_update_slice %zeros_2, %concatenate_2.piece, %i32_0, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
    // forward along t
    %forward:6 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all.all, %c.previous = %f32_0.0.all.all, %select.sqrt.select.sqrt.select.sqrt.select.sqrt.select.multiply.sqrt.filled = %zeros, %subtract.subtract.subtract.subtract.filled = %zeros_1, %c.h.filled = %c.h.start) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x11xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
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
      %reshape_2 = stablehlo.reshape %select_4 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_3 = stablehlo.reshape %sqrt_3 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_4 = stablehlo.reshape %select_7 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_5 = stablehlo.reshape %sqrt_5 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_6 = stablehlo.reshape %select_10 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_7 = stablehlo.reshape %sqrt_7 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_8 = stablehlo.reshape %select_13 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_9 = stablehlo.reshape %multiply_42 : (tensor<3xf32>) -> tensor<3x1xf32>
      %reshape_10 = stablehlo.reshape %sqrt_9 : (tensor<3xf32>) -> tensor<3x1xf32>
      %concatenate_3 = stablehlo.concatenate %reshape, %reshape_1, %reshape_2, %reshape_3, %reshape_4, %reshape_5, %reshape_6, %reshape_7, %reshape_8, %reshape_9, %reshape_10, dim = 1 : (tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>) -> tensor<3x11xf32>
      %concatenate_3.piece = stablehlo.reshape %concatenate_3 : (tensor<3x11xf32>) -> tensor<1x3x11xf32>
      %select.sqrt.select.sqrt.select.sqrt.select.sqrt.select.multiply.sqrt.filled.next = stablehlo.dynamic_update_slice %select.sqrt.select.sqrt.select.sqrt.select.sqrt.select.multiply.sqrt.filled, %concatenate_3.piece, %step, %i32_0, %i32_0 : (tensor<7x3x11xf32>, tensor<1x3x11xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x11xf32>
      %concatenate_4 = stablehlo.concatenate %subtract, %subtract_1, %subtract_2, %subtract_3, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %concatenate_4.piece = stablehlo.reshape %concatenate_4 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %subtract.subtract.subtract.subtract.filled.next = stablehlo.dynamic_update_slice %subtract.subtract.subtract.subtract.filled, %concatenate_4.piece, %step, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %concatenate_5 = stablehlo.concatenate %c.next, %h.next, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
      %t.shifted = stablehlo.add %step, %i32_1 : tensor<i32>
      %concatenate_5.piece = stablehlo.reshape %concatenate_5 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
      %c.h.filled.next = stablehlo.dynamic_update_slice %c.h.filled, %concatenate_5.piece, %t.shifted, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %c.next, %select.sqrt.select.sqrt.select.sqrt.select.sqrt.select.multiply.sqrt.filled.next, %subtract.subtract.subtract.subtract.filled.next, %c.h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x11xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
    }
    %subtract.sequence = stablehlo.slice %forward#4 [0:7, 0:3, 0:4] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sqrt.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 1:2] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %sqrt.sequence_1 = stablehlo.reshape %sqrt.sequence : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %f32_1.0.all_1 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<7x3xf32>
    %divide_10 = stablehlo.divide %f32_1.0.all_1, %sqrt.sequence_1 : tensor<7x3xf32>
    %divide_10.all = stablehlo.broadcast_in_dim %divide_10, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_47 = stablehlo.multiply %subtract.sequence, %divide_10.all : tensor<7x3x4xf32>
    %subtract.sequence_1 = stablehlo.slice %forward#4 [0:7, 0:3, 4:8] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sqrt.sequence_2 = stablehlo.slice %forward#3 [0:7, 0:3, 3:4] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %sqrt.sequence_3 = stablehlo.reshape %sqrt.sequence_2 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %divide_11 = stablehlo.divide %f32_1.0.all_1, %sqrt.sequence_3 : tensor<7x3xf32>
    %divide_11.all = stablehlo.broadcast_in_dim %divide_11, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_48 = stablehlo.multiply %subtract.sequence_1, %divide_11.all : tensor<7x3x4xf32>
    %subtract.sequence_2 = stablehlo.slice %forward#4 [0:7, 0:3, 8:12] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sqrt.sequence_4 = stablehlo.slice %forward#3 [0:7, 0:3, 5:6] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %sqrt.sequence_5 = stablehlo.reshape %sqrt.sequence_4 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %divide_12 = stablehlo.divide %f32_1.0.all_1, %sqrt.sequence_5 : tensor<7x3xf32>
    %divide_12.all = stablehlo.broadcast_in_dim %divide_12, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_49 = stablehlo.multiply %subtract.sequence_2, %divide_12.all : tensor<7x3x4xf32>
    %subtract.sequence_3 = stablehlo.slice %forward#4 [0:7, 0:3, 12:16] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sqrt.sequence_6 = stablehlo.slice %forward#3 [0:7, 0:3, 7:8] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %sqrt.sequence_7 = stablehlo.reshape %sqrt.sequence_6 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %divide_13 = stablehlo.divide %f32_1.0.all_1, %sqrt.sequence_7 : tensor<7x3xf32>
    %divide_13.all = stablehlo.broadcast_in_dim %divide_13, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_50 = stablehlo.multiply %subtract.sequence_3, %divide_13.all : tensor<7x3x4xf32>
    %c.sequence = stablehlo.slice %forward#5 [1:8, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %c.sequence_1 = stablehlo.slice %c.sequence [0:7, 0:3, 0:4] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %select.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 8:9] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %select.sequence_1 = stablehlo.reshape %select.sequence : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %select.sequence_1.all = stablehlo.broadcast_in_dim %select.sequence_1, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_51 = stablehlo.multiply %c.sequence_1, %select.sequence_1.all : tensor<7x3x4xf32>
    %multiply.sequence = stablehlo.slice %forward#3 [0:7, 0:3, 9:10] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %multiply.sequence_1 = stablehlo.reshape %multiply.sequence : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %multiply.sequence_1.all = stablehlo.broadcast_in_dim %multiply.sequence_1, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %subtract_5 = stablehlo.subtract %multiply_51, %multiply.sequence_1.all : tensor<7x3x4xf32>
    %sqrt.sequence_8 = stablehlo.slice %forward#3 [0:7, 0:3, 10:11] : (tensor<7x3x11xf32>) -> tensor<7x3x1xf32>
    %sqrt.sequence_9 = stablehlo.reshape %sqrt.sequence_8 : (tensor<7x3x1xf32>) -> tensor<7x3xf32>
    %divide_14 = stablehlo.divide %f32_1.0.all_1, %sqrt.sequence_9 : tensor<7x3xf32>
    %divide_14.all = stablehlo.broadcast_in_dim %divide_14, dims = [0, 1] : (tensor<7x3xf32>) -> tensor<7x3x4xf32>
    %multiply_52 = stablehlo.multiply %subtract_5, %divide_14.all : tensor<7x3x4xf32>
    %multiply_53 = stablehlo.multiply %subtract.sequence_3, %divide_13.all : tensor<7x3x4xf32>
    %output.scale.all_1 = stablehlo.broadcast_in_dim %output.scale, dims = [2] : (tensor<4xf32>) -> tensor<7x3x4xf32>
    %multiply_54 = stablehlo.multiply %output.scale.all_1, %multiply_53 : tensor<7x3x4xf32>
    %output.bias.all_1 = stablehlo.broadcast_in_dim %output.bias, dims = [2] : (tensor<4xf32>) -> tensor<7x3x4xf32>
    %add_11 = stablehlo.add %multiply_54, %output.bias.all_1 : tensor<7x3x4xf32>
    %output = stablehlo.logistic %add_11 : tensor<7x3x4xf32>
    %multiply_55 = stablehlo.multiply %subtract_5, %divide_14.all : tensor<7x3x4xf32>
    %cell.scale.all_1 = stablehlo.broadcast_in_dim %cell.scale, dims = [2] : (tensor<4xf32>) -> tensor<7x3x4xf32>
    %multiply_56 = stablehlo.multiply %cell.scale.all_1, %multiply_55 : tensor<7x3x4xf32>
    %cell.bias.all_1 = stablehlo.broadcast_in_dim %cell.bias, dims = [2] : (tensor<4xf32>) -> tensor<7x3x4xf32>
    %add_12 = stablehlo.add %multiply_56, %cell.bias.all_1 : tensor<7x3x4xf32>
    %tanh_1 = stablehlo.tanh %add_12 : tensor<7x3x4xf32>
    %multiply_57 = stablehlo.multiply %output, %tanh_1 : tensor<7x3x4xf32>
    %multiply_58 = stablehlo.multiply %multiply_57, %multiply_57 : tensor<7x3x4xf32>
    %f32_0.25.all_1 = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %multiply_59 = stablehlo.multiply %multiply_58, %f32_0.25.all_1 : tensor<7x3x4xf32>
    %sum_15 = stablehlo.reduce(%multiply_59 init: %f32_0.0) applies stablehlo.add across dimensions = [2] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<7x3xf32>
    %mean_10 = stablehlo.multiply %sum_15, %f32_1.0.all_1 : tensor<7x3xf32>
    %sum_16 = stablehlo.reduce(%mean_10 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3xf32>, tensor<f32>) -> tensor<f32>
    %convert = stablehlo.convert %i32_7 : (tensor<i32>) -> tensor<f32>
    %convert_1 = stablehlo.convert %i32_3 : (tensor<i32>) -> tensor<f32>
    %multiply_60 = stablehlo.multiply %convert, %convert_1 : tensor<f32>
    %divide_15 = stablehlo.divide %sum_16, %multiply_60 : tensor<f32>
    %divide_16 = stablehlo.divide %f32_1.0, %multiply_60 : tensor<f32>
    %multiply_61 = stablehlo.multiply %divide_16, %f32_0.25 : tensor<f32>
    %add_13 = stablehlo.add %multiply_61, %multiply_61 : tensor<f32>
    %zeros_3 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    // backward along t
    %backward:6 = stablehlo.while(%step_1 = %i32_0, %state.previous = %f32_0.0.all.all, %state.previous_1 = %f32_0.0.all.all, %multiply.multiply.multiply.multiply.filled = %zeros_1, %multiply.filled = %zeros_3, %concatenate.filled = %zeros_1) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<7x3x4xf32>, tensor<7x3x16xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %row.t = stablehlo.dynamic_slice %forward#4, %t, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %row.t_1 = stablehlo.reshape %row.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %subtract.t = stablehlo.slice %row.t_1 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %row.t_2 = stablehlo.dynamic_slice %forward#3, %t, %i32_0, %i32_0, sizes = [1, 3, 11] : (tensor<7x3x11xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x11xf32>
      %row.t_3 = stablehlo.reshape %row.t_2 : (tensor<1x3x11xf32>) -> tensor<3x11xf32>
      %sqrt.t = stablehlo.slice %row.t_3 [0:3, 7:8] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %sqrt.t_1 = stablehlo.reshape %sqrt.t : (tensor<3x1xf32>) -> tensor<3xf32>
      %f32_1.0.all_2 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %divide_17 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_1 : tensor<3xf32>
      %divide_17.all = stablehlo.broadcast_in_dim %divide_17, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_62 = stablehlo.multiply %subtract.t, %divide_17.all : tensor<3x4xf32>
      %output.scale.all_2 = stablehlo.broadcast_in_dim %output.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_63 = stablehlo.multiply %output.scale.all_2, %multiply_62 : tensor<3x4xf32>
      %output.bias.all_2 = stablehlo.broadcast_in_dim %output.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_14 = stablehlo.add %multiply_63, %output.bias.all_2 : tensor<3x4xf32>
      %output.t = stablehlo.logistic %add_14 : tensor<3x4xf32>
      %t.shifted_1 = stablehlo.add %t, %i32_1 : tensor<i32>
      %row.t_4 = stablehlo.dynamic_slice %forward#5, %t.shifted_1, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_5 = stablehlo.reshape %row.t_4 : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %c.t = stablehlo.slice %row.t_5 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %select.t = stablehlo.slice %row.t_3 [0:3, 8:9] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %select.t_1 = stablehlo.reshape %select.t : (tensor<3x1xf32>) -> tensor<3xf32>
      %select.t_1.all = stablehlo.broadcast_in_dim %select.t_1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_64 = stablehlo.multiply %c.t, %select.t_1.all : tensor<3x4xf32>
      %multiply.t = stablehlo.slice %row.t_3 [0:3, 9:10] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %multiply.t_1 = stablehlo.reshape %multiply.t : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply.t_1.all = stablehlo.broadcast_in_dim %multiply.t_1, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %subtract_6 = stablehlo.subtract %multiply_64, %multiply.t_1.all : tensor<3x4xf32>
      %sqrt.t_2 = stablehlo.slice %row.t_3 [0:3, 10:11] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %sqrt.t_3 = stablehlo.reshape %sqrt.t_2 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_18 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_3 : tensor<3xf32>
      %divide_18.all = stablehlo.broadcast_in_dim %divide_18, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_65 = stablehlo.multiply %subtract_6, %divide_18.all : tensor<3x4xf32>
      %cell.scale.all_2 = stablehlo.broadcast_in_dim %cell.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_66 = stablehlo.multiply %cell.scale.all_2, %multiply_65 : tensor<3x4xf32>
      %cell.bias.all_2 = stablehlo.broadcast_in_dim %cell.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_15 = stablehlo.add %multiply_66, %cell.bias.all_2 : tensor<3x4xf32>
      %tanh_2 = stablehlo.tanh %add_15 : tensor<3x4xf32>
      %multiply_67 = stablehlo.multiply %output.t, %tanh_2 : tensor<3x4xf32>
      %add_13.all = stablehlo.broadcast_in_dim %add_13, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_68 = stablehlo.multiply %add_13.all, %multiply_67 : tensor<3x4xf32>
      %add_16 = stablehlo.add %multiply_68, %state.previous : tensor<3x4xf32>
      %multiply_69 = stablehlo.multiply %add_16, %tanh_2 : tensor<3x4xf32>
      %multiply_70 = stablehlo.multiply %add_16, %output.t : tensor<3x4xf32>
      %multiply_71 = stablehlo.multiply %tanh_2, %tanh_2 : tensor<3x4xf32>
      %f32_1.0.all_3 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract_7 = stablehlo.subtract %f32_1.0.all_3, %multiply_71 : tensor<3x4xf32>
      %multiply_72 = stablehlo.multiply %multiply_70, %subtract_7 : tensor<3x4xf32>
      %multiply_73 = stablehlo.multiply %multiply_72, %cell.scale.all_2 : tensor<3x4xf32>
      %divide_19 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_3 : tensor<3xf32>
      %divide_19.all = stablehlo.broadcast_in_dim %divide_19, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_74 = stablehlo.multiply %multiply_73, %divide_19.all : tensor<3x4xf32>
      %multiply_75 = stablehlo.multiply %multiply_73, %subtract_6 : tensor<3x4xf32>
      %sum_17 = stablehlo.reduce(%multiply_75 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_76 = stablehlo.multiply %divide_19, %divide_19 : tensor<3xf32>
      %negate = stablehlo.negate %multiply_76 : tensor<3xf32>
      %multiply_77 = stablehlo.multiply %sum_17, %negate : tensor<3xf32>
      %add_17 = stablehlo.add %sqrt.t_3, %sqrt.t_3 : tensor<3xf32>
      %divide_20 = stablehlo.divide %multiply_77, %add_17 : tensor<3xf32>
      %f32_0.25.all_2 = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %multiply_78 = stablehlo.multiply %divide_20, %f32_0.25.all_2 : tensor<3xf32>
      %add_18 = stablehlo.add %multiply_78, %multiply_78 : tensor<3xf32>
      %add_18.all = stablehlo.broadcast_in_dim %add_18, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_79 = stablehlo.multiply %add_18.all, %subtract_6 : tensor<3x4xf32>
      %add_19 = stablehlo.add %multiply_74, %multiply_79 : tensor<3x4xf32>
      %sum_18 = stablehlo.reduce(%add_19 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_1 = stablehlo.negate %sum_18 : tensor<3xf32>
      %multiply_80 = stablehlo.multiply %negate_1, %select.t_1 : tensor<3xf32>
      %multiply_81 = stablehlo.multiply %add_19, %select.t_1.all : tensor<3x4xf32>
      %multiply_82 = stablehlo.multiply %multiply_80, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_82.all = stablehlo.broadcast_in_dim %multiply_82, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_20 = stablehlo.add %multiply_82.all, %multiply_81 : tensor<3x4xf32>
      %add_21 = stablehlo.add %add_20, %state.previous_1 : tensor<3x4xf32>
      %subtract.t_1 = stablehlo.slice %row.t_1 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %sqrt.t_4 = stablehlo.slice %row.t_3 [0:3, 5:6] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %sqrt.t_5 = stablehlo.reshape %sqrt.t_4 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_21 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_5 : tensor<3xf32>
      %divide_21.all = stablehlo.broadcast_in_dim %divide_21, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_83 = stablehlo.multiply %subtract.t_1, %divide_21.all : tensor<3x4xf32>
      %candidate.scale.all_1 = stablehlo.broadcast_in_dim %candidate.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_84 = stablehlo.multiply %candidate.scale.all_1, %multiply_83 : tensor<3x4xf32>
      %candidate.bias.all_1 = stablehlo.broadcast_in_dim %candidate.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_22 = stablehlo.add %multiply_84, %candidate.bias.all_1 : tensor<3x4xf32>
      %candidate.t = stablehlo.tanh %add_22 : tensor<3x4xf32>
      %multiply_85 = stablehlo.multiply %add_21, %candidate.t : tensor<3x4xf32>
      %subtract.t_2 = stablehlo.slice %row.t_1 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %sqrt.t_6 = stablehlo.slice %row.t_3 [0:3, 1:2] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %sqrt.t_7 = stablehlo.reshape %sqrt.t_6 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_22 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_7 : tensor<3xf32>
      %divide_22.all = stablehlo.broadcast_in_dim %divide_22, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_86 = stablehlo.multiply %subtract.t_2, %divide_22.all : tensor<3x4xf32>
      %input.scale.all_1 = stablehlo.broadcast_in_dim %input.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_87 = stablehlo.multiply %input.scale.all_1, %multiply_86 : tensor<3x4xf32>
      %input.bias.all_1 = stablehlo.broadcast_in_dim %input.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_23 = stablehlo.add %multiply_87, %input.bias.all_1 : tensor<3x4xf32>
      %input.t = stablehlo.logistic %add_23 : tensor<3x4xf32>
      %multiply_88 = stablehlo.multiply %add_21, %input.t : tensor<3x4xf32>
      %row.t_6 = stablehlo.dynamic_slice %forward#5, %t, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_7 = stablehlo.reshape %row.t_6 : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %delay.t = stablehlo.slice %row.t_7 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %multiply_89 = stablehlo.multiply %add_21, %delay.t : tensor<3x4xf32>
      %subtract.t_3 = stablehlo.slice %row.t_1 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %sqrt.t_8 = stablehlo.slice %row.t_3 [0:3, 3:4] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %sqrt.t_9 = stablehlo.reshape %sqrt.t_8 : (tensor<3x1xf32>) -> tensor<3xf32>
      %divide_23 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_9 : tensor<3xf32>
      %divide_23.all = stablehlo.broadcast_in_dim %divide_23, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_90 = stablehlo.multiply %subtract.t_3, %divide_23.all : tensor<3x4xf32>
      %forget.scale.all_1 = stablehlo.broadcast_in_dim %forget.scale, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %multiply_91 = stablehlo.multiply %forget.scale.all_1, %multiply_90 : tensor<3x4xf32>
      %forget.bias.all_1 = stablehlo.broadcast_in_dim %forget.bias, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
      %add_24 = stablehlo.add %multiply_91, %forget.bias.all_1 : tensor<3x4xf32>
      %forget.t = stablehlo.logistic %add_24 : tensor<3x4xf32>
      %multiply_92 = stablehlo.multiply %add_21, %forget.t : tensor<3x4xf32>
      %subtract_8 = stablehlo.subtract %f32_1.0.all_3, %output.t : tensor<3x4xf32>
      %multiply_93 = stablehlo.multiply %output.t, %subtract_8 : tensor<3x4xf32>
      %multiply_94 = stablehlo.multiply %multiply_69, %multiply_93 : tensor<3x4xf32>
      %multiply_95 = stablehlo.multiply %multiply_94, %output.scale.all_2 : tensor<3x4xf32>
      %divide_24 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_1 : tensor<3xf32>
      %divide_24.all = stablehlo.broadcast_in_dim %divide_24, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_96 = stablehlo.multiply %multiply_95, %divide_24.all : tensor<3x4xf32>
      %multiply_97 = stablehlo.multiply %multiply_95, %subtract.t : tensor<3x4xf32>
      %sum_19 = stablehlo.reduce(%multiply_97 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_98 = stablehlo.multiply %divide_24, %divide_24 : tensor<3xf32>
      %negate_2 = stablehlo.negate %multiply_98 : tensor<3xf32>
      %multiply_99 = stablehlo.multiply %sum_19, %negate_2 : tensor<3xf32>
      %add_25 = stablehlo.add %sqrt.t_1, %sqrt.t_1 : tensor<3xf32>
      %divide_25 = stablehlo.divide %multiply_99, %add_25 : tensor<3xf32>
      %multiply_100 = stablehlo.multiply %divide_25, %f32_0.25.all_2 : tensor<3xf32>
      %add_26 = stablehlo.add %multiply_100, %multiply_100 : tensor<3xf32>
      %add_26.all = stablehlo.broadcast_in_dim %add_26, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_101 = stablehlo.multiply %add_26.all, %subtract.t : tensor<3x4xf32>
      %add_27 = stablehlo.add %multiply_96, %multiply_101 : tensor<3x4xf32>
      %sum_20 = stablehlo.reduce(%add_27 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_3 = stablehlo.negate %sum_20 : tensor<3xf32>
      %select.t_2 = stablehlo.slice %row.t_3 [0:3, 6:7] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %select.t_3 = stablehlo.reshape %select.t_2 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_102 = stablehlo.multiply %negate_3, %select.t_3 : tensor<3xf32>
      %select.t_3.all = stablehlo.broadcast_in_dim %select.t_3, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_103 = stablehlo.multiply %add_27, %select.t_3.all : tensor<3x4xf32>
      %multiply_104 = stablehlo.multiply %multiply_102, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_104.all = stablehlo.broadcast_in_dim %multiply_104, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_28 = stablehlo.add %multiply_104.all, %multiply_103 : tensor<3x4xf32>
      %multiply_105 = stablehlo.multiply %candidate.t, %candidate.t : tensor<3x4xf32>
      %subtract_9 = stablehlo.subtract %f32_1.0.all_3, %multiply_105 : tensor<3x4xf32>
      %multiply_106 = stablehlo.multiply %multiply_88, %subtract_9 : tensor<3x4xf32>
      %multiply_107 = stablehlo.multiply %multiply_106, %candidate.scale.all_1 : tensor<3x4xf32>
      %divide_26 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_5 : tensor<3xf32>
      %divide_26.all = stablehlo.broadcast_in_dim %divide_26, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_108 = stablehlo.multiply %multiply_107, %divide_26.all : tensor<3x4xf32>
      %multiply_109 = stablehlo.multiply %multiply_107, %subtract.t_1 : tensor<3x4xf32>
      %sum_21 = stablehlo.reduce(%multiply_109 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_110 = stablehlo.multiply %divide_26, %divide_26 : tensor<3xf32>
      %negate_4 = stablehlo.negate %multiply_110 : tensor<3xf32>
      %multiply_111 = stablehlo.multiply %sum_21, %negate_4 : tensor<3xf32>
      %add_29 = stablehlo.add %sqrt.t_5, %sqrt.t_5 : tensor<3xf32>
      %divide_27 = stablehlo.divide %multiply_111, %add_29 : tensor<3xf32>
      %multiply_112 = stablehlo.multiply %divide_27, %f32_0.25.all_2 : tensor<3xf32>
      %add_30 = stablehlo.add %multiply_112, %multiply_112 : tensor<3xf32>
      %add_30.all = stablehlo.broadcast_in_dim %add_30, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_113 = stablehlo.multiply %add_30.all, %subtract.t_1 : tensor<3x4xf32>
      %add_31 = stablehlo.add %multiply_108, %multiply_113 : tensor<3x4xf32>
      %sum_22 = stablehlo.reduce(%add_31 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_5 = stablehlo.negate %sum_22 : tensor<3xf32>
      %select.t_4 = stablehlo.slice %row.t_3 [0:3, 4:5] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %select.t_5 = stablehlo.reshape %select.t_4 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_114 = stablehlo.multiply %negate_5, %select.t_5 : tensor<3xf32>
      %select.t_5.all = stablehlo.broadcast_in_dim %select.t_5, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_115 = stablehlo.multiply %add_31, %select.t_5.all : tensor<3x4xf32>
      %multiply_116 = stablehlo.multiply %multiply_114, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_116.all = stablehlo.broadcast_in_dim %multiply_116, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_32 = stablehlo.add %multiply_116.all, %multiply_115 : tensor<3x4xf32>
      %subtract_10 = stablehlo.subtract %f32_1.0.all_3, %forget.t : tensor<3x4xf32>
      %multiply_117 = stablehlo.multiply %forget.t, %subtract_10 : tensor<3x4xf32>
      %multiply_118 = stablehlo.multiply %multiply_89, %multiply_117 : tensor<3x4xf32>
      %multiply_119 = stablehlo.multiply %multiply_118, %forget.scale.all_1 : tensor<3x4xf32>
      %divide_28 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_9 : tensor<3xf32>
      %divide_28.all = stablehlo.broadcast_in_dim %divide_28, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_120 = stablehlo.multiply %multiply_119, %divide_28.all : tensor<3x4xf32>
      %multiply_121 = stablehlo.multiply %multiply_119, %subtract.t_3 : tensor<3x4xf32>
      %sum_23 = stablehlo.reduce(%multiply_121 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_122 = stablehlo.multiply %divide_28, %divide_28 : tensor<3xf32>
      %negate_6 = stablehlo.negate %multiply_122 : tensor<3xf32>
      %multiply_123 = stablehlo.multiply %sum_23, %negate_6 : tensor<3xf32>
      %add_33 = stablehlo.add %sqrt.t_9, %sqrt.t_9 : tensor<3xf32>
      %divide_29 = stablehlo.divide %multiply_123, %add_33 : tensor<3xf32>
      %multiply_124 = stablehlo.multiply %divide_29, %f32_0.25.all_2 : tensor<3xf32>
      %add_34 = stablehlo.add %multiply_124, %multiply_124 : tensor<3xf32>
      %add_34.all = stablehlo.broadcast_in_dim %add_34, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_125 = stablehlo.multiply %add_34.all, %subtract.t_3 : tensor<3x4xf32>
      %add_35 = stablehlo.add %multiply_120, %multiply_125 : tensor<3x4xf32>
      %sum_24 = stablehlo.reduce(%add_35 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_7 = stablehlo.negate %sum_24 : tensor<3xf32>
      %select.t_6 = stablehlo.slice %row.t_3 [0:3, 2:3] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %select.t_7 = stablehlo.reshape %select.t_6 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_126 = stablehlo.multiply %negate_7, %select.t_7 : tensor<3xf32>
      %select.t_7.all = stablehlo.broadcast_in_dim %select.t_7, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_127 = stablehlo.multiply %add_35, %select.t_7.all : tensor<3x4xf32>
      %multiply_128 = stablehlo.multiply %multiply_126, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_128.all = stablehlo.broadcast_in_dim %multiply_128, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_36 = stablehlo.add %multiply_128.all, %multiply_127 : tensor<3x4xf32>
      %subtract_11 = stablehlo.subtract %f32_1.0.all_3, %input.t : tensor<3x4xf32>
      %multiply_129 = stablehlo.multiply %input.t, %subtract_11 : tensor<3x4xf32>
      %multiply_130 = stablehlo.multiply %multiply_85, %multiply_129 : tensor<3x4xf32>
      %multiply_131 = stablehlo.multiply %multiply_130, %input.scale.all_1 : tensor<3x4xf32>
      %divide_30 = stablehlo.divide %f32_1.0.all_2, %sqrt.t_7 : tensor<3xf32>
      %divide_30.all = stablehlo.broadcast_in_dim %divide_30, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_132 = stablehlo.multiply %multiply_131, %divide_30.all : tensor<3x4xf32>
      %multiply_133 = stablehlo.multiply %multiply_131, %subtract.t_2 : tensor<3x4xf32>
      %sum_25 = stablehlo.reduce(%multiply_133 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %multiply_134 = stablehlo.multiply %divide_30, %divide_30 : tensor<3xf32>
      %negate_8 = stablehlo.negate %multiply_134 : tensor<3xf32>
      %multiply_135 = stablehlo.multiply %sum_25, %negate_8 : tensor<3xf32>
      %add_37 = stablehlo.add %sqrt.t_7, %sqrt.t_7 : tensor<3xf32>
      %divide_31 = stablehlo.divide %multiply_135, %add_37 : tensor<3xf32>
      %multiply_136 = stablehlo.multiply %divide_31, %f32_0.25.all_2 : tensor<3xf32>
      %add_38 = stablehlo.add %multiply_136, %multiply_136 : tensor<3xf32>
      %add_38.all = stablehlo.broadcast_in_dim %add_38, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_137 = stablehlo.multiply %add_38.all, %subtract.t_2 : tensor<3x4xf32>
      %add_39 = stablehlo.add %multiply_132, %multiply_137 : tensor<3x4xf32>
      %sum_26 = stablehlo.reduce(%add_39 init: %f32_0.0) applies stablehlo.add across dimensions = [1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
      %negate_9 = stablehlo.negate %sum_26 : tensor<3xf32>
      %select.t_8 = stablehlo.slice %row.t_3 [0:3, 0:1] : (tensor<3x11xf32>) -> tensor<3x1xf32>
      %select.t_9 = stablehlo.reshape %select.t_8 : (tensor<3x1xf32>) -> tensor<3xf32>
      %multiply_138 = stablehlo.multiply %negate_9, %select.t_9 : tensor<3xf32>
      %select.t_9.all = stablehlo.broadcast_in_dim %select.t_9, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %multiply_139 = stablehlo.multiply %add_39, %select.t_9.all : tensor<3x4xf32>
      %multiply_140 = stablehlo.multiply %multiply_138, %f32_0.25.all_2 : tensor<3xf32>
      %multiply_140.all = stablehlo.broadcast_in_dim %multiply_140, dims = [0] : (tensor<3xf32>) -> tensor<3x4xf32>
      %add_40 = stablehlo.add %multiply_140.all, %multiply_139 : tensor<3x4xf32>
      %concatenate_6 = stablehlo.concatenate %add_40, %add_36, %add_32, %add_28, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %product_2 = stablehlo.dot_general %concatenate_6, %concatenate, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x16xf32>, tensor<4x16xf32>) -> tensor<3x4xf32>
      %concatenate_7 = stablehlo.concatenate %multiply_72, %multiply_94, %multiply_106, %multiply_118, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %concatenate_7.piece = stablehlo.reshape %concatenate_7 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %multiply.multiply.multiply.multiply.filled.next = stablehlo.dynamic_update_slice %multiply.multiply.multiply.multiply.filled, %concatenate_7.piece, %t, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %multiply_130.piece = stablehlo.reshape %multiply_130 : (tensor<3x4xf32>) -> tensor<1x3x4xf32>
      %multiply.filled.next = stablehlo.dynamic_update_slice %multiply.filled, %multiply_130.piece, %t, %i32_0, %i32_0 : (tensor<7x3x4xf32>, tensor<1x3x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x4xf32>
      %concatenate_6.piece = stablehlo.reshape %concatenate_6 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %concatenate.filled.next = stablehlo.dynamic_update_slice %concatenate.filled, %concatenate_6.piece, %t, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %product_2, %multiply_92, %multiply.multiply.multiply.multiply.filled.next, %multiply.filled.next, %concatenate.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<7x3x4xf32>, tensor<7x3x16xf32>
    }
    %multiply.sequence_2 = stablehlo.slice %backward#3 [0:7, 0:3, 0:4] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sum_27 = stablehlo.reduce(%multiply.sequence_2 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_141 = stablehlo.multiply %multiply.sequence_2, %multiply_52 : tensor<7x3x4xf32>
    %sum_28 = stablehlo.reduce(%multiply_141 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_3 = stablehlo.slice %backward#3 [0:7, 0:3, 4:8] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sum_29 = stablehlo.reduce(%multiply.sequence_3 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_142 = stablehlo.multiply %multiply.sequence_3, %multiply_50 : tensor<7x3x4xf32>
    %sum_30 = stablehlo.reduce(%multiply_142 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_4 = stablehlo.slice %backward#3 [0:7, 0:3, 8:12] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sum_31 = stablehlo.reduce(%multiply.sequence_4 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_143 = stablehlo.multiply %multiply.sequence_4, %multiply_49 : tensor<7x3x4xf32>
    %sum_32 = stablehlo.reduce(%multiply_143 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply.sequence_5 = stablehlo.slice %backward#3 [0:7, 0:3, 12:16] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %sum_33 = stablehlo.reduce(%multiply.sequence_5 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_144 = stablehlo.multiply %multiply.sequence_5, %multiply_48 : tensor<7x3x4xf32>
    %sum_34 = stablehlo.reduce(%multiply_144 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %sum_35 = stablehlo.reduce(%backward#4 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %multiply_145 = stablehlo.multiply %backward#4, %multiply_47 : tensor<7x3x4xf32>
    %sum_36 = stablehlo.reduce(%multiply_145 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    %delay.sequence = stablehlo.slice %forward#5 [0:7, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %delay.sequence_1 = stablehlo.slice %delay.sequence [0:7, 0:3, 4:8] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %product_3 = stablehlo.dot_general %delay.sequence_1, %backward#5, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x16xf32>) -> tensor<4x16xf32>
    %slice_12 = stablehlo.slice %product_3 [0:4, 12:16] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %product_4 = stablehlo.dot_general %x, %backward#5, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<7x3x16xf32>) -> tensor<3x16xf32>
    %slice_13 = stablehlo.slice %product_4 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_8 = stablehlo.concatenate %slice_12, %slice_13, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_14 = stablehlo.slice %product_3 [0:4, 8:12] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_15 = stablehlo.slice %product_4 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_9 = stablehlo.concatenate %slice_14, %slice_15, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_16 = stablehlo.slice %product_3 [0:4, 4:8] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_17 = stablehlo.slice %product_4 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_10 = stablehlo.concatenate %slice_16, %slice_17, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_18 = stablehlo.slice %product_3 [0:4, 0:4] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_19 = stablehlo.slice %product_4 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_11 = stablehlo.concatenate %slice_18, %slice_19, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    return %divide_15, %concatenate_11, %sum_36, %sum_35, %concatenate_10, %sum_34, %sum_33, %concatenate_9, %sum_32, %sum_31, %concatenate_8, %sum_30, %sum_29, %sum_28, %sum_27 : tensor<f32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
}
