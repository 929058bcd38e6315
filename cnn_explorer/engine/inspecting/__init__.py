"""Looking into an opened model: activations, microscope, predictions, top images, class averages."""
